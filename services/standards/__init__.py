"""What ought to be: policies, who may do what, who answers for which model."""
