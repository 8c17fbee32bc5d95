import sys

import streamlit as st

st.write(f"person={st.user.get('person')} session={st.user.get('session')}")
st.write(f"cookies={sorted(st.context.cookies)}")
st.session_state["runs"] = st.session_state.get("runs", 0) + 1
st.write(f"runs={st.session_state['runs']}")
st.download_button("Download", b"a secret file", "secret.txt")
heavy = {"mlflow", "shap", "fairlearn", "evidently", "sklearn", "dbos"}
st.write(f"heavy={sorted(heavy & set(sys.modules))}")
