"""Numbers that are sent or computed: what a business watches, and what servers say of themselves."""
