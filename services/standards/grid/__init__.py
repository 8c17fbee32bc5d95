"""What a kilowatt-hour emits: by region, dated, with its source."""
