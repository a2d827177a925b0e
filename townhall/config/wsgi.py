import django

from townhall.config.handler import Handler
from townhall.ui.publishing import use_published

django.setup(set_prefix=False)
use_published()  # before the middleware that serves them looks at what there is
application = Handler()
