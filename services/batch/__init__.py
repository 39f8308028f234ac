"""Many files and one question: the page's door to batches."""

from services.batch.batches import Batches
from services.batch.pricing import Price, price
from services.batch.values import Again, Batch, Clip, Question, State

__all__ = ["Again", "Batch", "Batches", "Clip", "Price", "Question", "State", "price"]
