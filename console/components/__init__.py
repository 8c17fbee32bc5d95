"""What stands on a page, drawn with Streamlit and nothing but."""
