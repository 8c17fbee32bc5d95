"""Every table of the house, in one place: whoever imports this has them all in the metadata."""

# One line for each room that has tables.
import services.record.task.records
import services.record.trail.records  # noqa: F401
