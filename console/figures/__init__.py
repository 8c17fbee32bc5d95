"""Plotly figures made from values; no Streamlit."""
