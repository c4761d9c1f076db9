"""The channels by which a member is written to; :mod:`inmail_credits.reach` says which are open."""

from inmail_credits._inputs import Choice


class Channel(Choice):
    """A way to write to a member."""

    MESSAGE = "message"
    """Directly, to a 1st-degree connection: free (R10)."""
    INVITATION = "invitation"
    """A connection request, with a short note: free (R11)."""
    INTRODUCTION = "introduction"
    """Through a shared connection: free (R12)."""
    GROUP = "group"
    """Through a shared group: free (R14)."""
    OPEN_PROFILE = "open_profile"
    """To a Premium member who opted in: free (R15)."""
    INMAIL = "inmail"
    """Paid: one credit (R4)."""
    ANSWER = "answer"
    """In answer to an InMail received: free (R16)."""
    APPLICANT = "applicant"
    """From a recruiter to an applicant to one of their jobs: free (2026)."""
