"""What goes on paper: one sheet of the council's, as a page to read, and as an accessible PDF (PDF/UA) in normal and large print."""

from townhall.ui.paper.printing import NoPrinter, as_pdf, can_print
from townhall.ui.paper.sheet import Sheet, as_page, standard_lines

__all__ = ["NoPrinter", "Sheet", "as_page", "as_pdf", "can_print", "standard_lines"]
