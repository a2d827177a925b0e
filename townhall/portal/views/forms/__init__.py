"""Any form of the catalogue, page by page: the same pages for a resident, an adviser on behalf, a kiosk and a test."""

from townhall.portal.views.forms.keeping import again, open_mine, resume, save
from townhall.portal.views.forms.pages import start, step
from townhall.portal.views.forms.paying import paid
from townhall.portal.views.forms.sending import check
from townhall.portal.views.forms.summary import summary

__all__ = ["again", "check", "open_mine", "paid", "resume", "save", "start", "step", "summary"]
