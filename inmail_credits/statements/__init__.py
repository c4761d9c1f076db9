"""Statements and explanations: what moved between two instants, and why a message cost what it cost."""

from inmail_credits.statements.explanation import Explanation
from inmail_credits.statements.statement import Grain, Statement

__all__ = ["Explanation", "Grain", "Statement"]
