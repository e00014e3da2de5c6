# One image for web, worker, beat and the preparation of the database; docker-compose.yml starts it in each part.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DJANGO_SETTINGS_MODULE=backoffice.settings \
    BACKOFFICE_STATE=/var/lib/backoffice PATH=/srv/venv/bin:$PATH
WORKDIR /srv/backoffice

# libgomp: what LightGBM runs on.
RUN apt-get update && apt-get install --yes --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/backoffice backoffice \
    && python -m venv /srv/venv
COPY requirements-tools.lock requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements-tools.lock \
    && uv pip install --no-cache --python /srv/venv/bin/python --require-hashes -r requirements.lock

COPY . .
# Built here, collected into the state folder by `manage.py prepare` when the installation starts.
RUN BACKOFFICE_STATE=/tmp/build python manage.py build_static \
    && BACKOFFICE_STATE=/tmp/build python manage.py messages --compile \
    && rm -rf /tmp/build

USER backoffice
VOLUME /var/lib/backoffice
EXPOSE 8000
CMD ["gunicorn", "backoffice.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "3", "--worker-class", "gthread", "--threads", "8", "--access-logfile", "-", "--no-control-socket"]
