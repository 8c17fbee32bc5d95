"""An engine that is told by a signed request and tells how it goes by signed reports."""
