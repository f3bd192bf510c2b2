"""Django with its own tests loaded and collected as for a run of them, which needs its source: $WHYOOM_BENCH_SOURCES."""
import os
import sys
import tempfile

from serve import serve

tests = os.path.join(os.environ["WHYOOM_BENCH_SOURCES"], "tests")
sys.path.insert(0, tests)
# Only a name for a setting: nothing is written there.
os.environ["TMPDIR"] = tempfile.gettempdir()
os.environ["DJANGO_SETTINGS_MODULE"] = "test_sqlite"
os.environ["RUNNING_DJANGOS_TEST_SUITE"] = "true"
os.chdir(tests)

import runtests  # noqa: E402  (what it sets up must come first)
from django.test.runner import DiscoverRunner  # noqa: E402


LABELS, _ = runtests.setup_run_tests(0, None, None)
SUITE = DiscoverRunner(verbosity=0).build_suite(LABELS)
serve(list(SUITE))
