"""Watching what was promoted: monitors made without a click, windows measured, closed days filed."""
