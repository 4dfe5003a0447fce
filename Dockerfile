# Two stages: what installs packages is not in the image that runs.
FROM python:3.11-slim AS build
WORKDIR /build
COPY requirements/run.txt .
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r run.txt

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /srv/bureau --create-home bureau \
    && mkdir /data /keys && chown bureau /data /keys && chmod 700 /keys
COPY --from=build /opt/venv /opt/venv
WORKDIR /srv/bureau
COPY alembic.ini pyproject.toml ./
COPY migrations migrations
COPY app app
RUN printf '#!/bin/sh\nexec /opt/venv/bin/python -m app.cli "$@"\n' > /usr/local/bin/bureau \
    && chmod +x /usr/local/bin/bureau
USER bureau
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 BUREAU_DATABASE_URL=sqlite:////data/bureau.db \
    BUREAU_ATTACHMENTS_DIR=/data/attachments BUREAU_MASTER_KEY_FILE=/keys/master.keys \
    BUREAU_CHECKPOINTS_FILE=/data/checkpoints.jsonl BUREAU_CHECKPOINT_KEY=/keys/checkpoint-key.pem
VOLUME /data /keys
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["/opt/venv/bin/python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health/ready', timeout=4)"]
CMD ["bureau", "serve", "--host", "0.0.0.0"]
