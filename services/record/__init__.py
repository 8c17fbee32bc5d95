"""The memory of the house: storage, the audit trail, signatures, the archive, and what was asked of the worker."""
