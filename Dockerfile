# Farebox away from Google: `docker build -t farebox .`
#
#   docker run -p 127.0.0.1:8080:8080 -v farebox:/data -e FAREBOX_PAYMENTS=sandbox farebox          everything on one port
#   docker run -p 127.0.0.1:8080:8080 -v farebox:/data -e FAREBOX_PAYMENTS=sandbox farebox chat     one function alone
#   docker run -v farebox:/data -e FAREBOX_PAYMENTS=sandbox farebox cli audit                       the command line
#
# The sandbox gives credit to whoever clicks, so it has to be named; for others name stripe or creem.
# It writes to /data, and to /tmp for gunicorn, and nowhere else: `--read-only --tmpfs /tmp` is how to run it.

ARG NODE_IMAGE=node:22.21.1-bookworm-slim
ARG PYTHON_IMAGE=python:3.11.14-slim-bookworm

FROM ${NODE_IMAGE} AS dashboard
WORKDIR /build/dashboard
COPY dashboard/package.json dashboard/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY dashboard ./
COPY docs/clients.md ../docs/
RUN npm run build

FROM ${PYTHON_IMAGE} AS packages
WORKDIR /app
COPY requirements.txt ./
RUN python3 -m venv .venv \
    && .venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt \
    && .venv/bin/python -m pip check

FROM ${PYTHON_IMAGE}
RUN useradd --system --uid 10001 --no-create-home --home-dir /data farebox \
    && install -d -o farebox -m 0700 /data
WORKDIR /app
COPY --from=packages /app/.venv .venv
COPY main.py requirements.txt ./
COPY functions functions
COPY scripts/container.sh scripts/container.sh
COPY --from=dashboard /build/dashboard/dist dashboard/dist
RUN .venv/bin/python -m compileall -q main.py functions
USER 10001
ENV PORT=8080 \
    FAREBOX_HOST=0.0.0.0 \
    FAREBOX_STORE=sqlite:////data/farebox.db \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["sh", "/app/scripts/container.sh", "healthy"]
ENTRYPOINT ["sh", "/app/scripts/container.sh"]
CMD ["all"]
