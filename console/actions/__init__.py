"""What a page does: a form in, a command out; no Streamlit."""
