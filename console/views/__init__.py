"""What a page shows, as frozen values; no Streamlit."""
