"""Django with django-cors-headers on a loopback port, for django_test.go.

One line of JSON on standard input says what to serve: {"<name>": {"settings": "<as in settings.py>", "mount": "<prefix>"}}. One line of JSON on
standard output says where, which versions these are, and what Django's own checks have to say about each name. A request names its settings in the
header X-Settings. The end of standard input ends the server.
"""

import json
import logging
import sys
import threading
from importlib.metadata import version
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from django.conf import settings
from django.core.checks import run_checks
from django.core.handlers.wsgi import WSGIHandler
from django.http import Http404, HttpResponse
from django.test import override_settings
from django.urls import re_path

settings.configure(
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["corsheaders"],
    # The order that its README asks for.
    MIDDLEWARE=["corsheaders.middleware.CorsMiddleware", "django.middleware.common.CommonMiddleware"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="this server answers its own test only",
    SILENCED_SYSTEM_CHECKS=["security.W003"],
    USE_TZ=True,
)
django.setup()
logging.disable(logging.ERROR)  # 404 and 403 are asked for


def view(request):
    if request.path.endswith("/missing"):
        raise Http404
    response = HttpResponse()
    response["X-Handled"] = "true"
    return response


urlpatterns = [re_path("", view)]


def override(text):
    """Returns what a settings.py with this text would set."""
    names = {}
    exec("import re\nfrom corsheaders.defaults import default_headers, default_methods\n" + text, names)
    return override_settings(**{name: value for name, value in names.items() if name.isupper()})


class Site:
    def __init__(self, text, mount):
        self.settings, self.mount = override(text), mount
        with self.settings:
            self.handler = WSGIHandler()
            self.problems = [str(message) for message in run_checks()]

    def __call__(self, environ, start_response):
        if self.mount:  # what a server does with the prefix under which Django is mounted
            environ["SCRIPT_NAME"] = self.mount
            environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(self.mount)
        with self.settings:
            return self.handler(environ, start_response)


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


sites = {name: Site(site["settings"], site["mount"]) for name, site in json.loads(sys.stdin.readline()).items()}
# One request at a time: settings are the process's.
server = make_server("127.0.0.1", 0, lambda environ, start: sites[environ["HTTP_X_SETTINGS"]](environ, start), handler_class=Quiet)
print(
    json.dumps(
        {
            "address": "%s:%d" % server.server_address,
            "django": version("django"),
            "corsheaders": version("django-cors-headers"),
            "problems": {name: site.problems for name, site in sites.items()},
        }
    ),
    flush=True,
)
threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
server.serve_forever(poll_interval=0.05)
