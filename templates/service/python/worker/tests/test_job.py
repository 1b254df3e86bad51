"""The job by itself: one call does one piece of work."""

import unittest

from job import Job


class TheJob(unittest.TestCase):
    def test_it_says_what_it_did(self) -> None:
{{#if calls}}
        with self.assertNoLogs("service"):
            Job({}).run()
{{else}}
        with self.assertLogs("service", "INFO") as logs:
            Job().run()
        self.assertEqual(logs.records[0].getMessage(), "nothing to do")
{{/if}}
