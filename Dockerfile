# Countersign in a container. Two stages: the locked dependencies are built once, the image carries no build tools.
# Not built in continuous integration (no engine there); a test parses this file.
FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv /opt/countersign
COPY requirements.lock .
RUN /opt/countersign/bin/python -m pip install --require-hashes --no-deps -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY services services
COPY console console
COPY pages pages
RUN /opt/countersign/bin/python -m pip install --no-deps --no-build-isolation .

FROM python:3.12-slim-bookworm
RUN groupadd --gid 10001 countersign \
 && useradd --uid 10001 --gid countersign --home-dir /data --create-home --shell /usr/sbin/nologin countersign
COPY --from=build /opt/countersign /opt/countersign
COPY --chown=root:root .streamlit /app/.streamlit
WORKDIR /app
ENV PATH=/opt/countersign/bin:$PATH PYTHONUNBUFFERED=1 COUNTERSIGN_HOME=/data COUNTERSIGN_HOST=0.0.0.0
# COUNTERSIGN_PUBLIC_URL (https) must be given: the console refuses to listen openly without it.
VOLUME /data
EXPOSE 8501
USER countersign
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/ready', timeout=4)"]
ENTRYPOINT ["countersign"]
CMD ["up"]
