"""A verdict as text and as HTML, for the author of an answer or for the reader of hidden results."""

from grader.panel.html import exercise_html as exercise_html
from grader.panel.html import hint_html as hint_html
from grader.panel.html import submission_html as submission_html
from grader.panel.onward import Onward as Onward
from grader.panel.rows import Audience as Audience
from grader.panel.text import exercise_text as exercise_text
from grader.panel.text import hint_text as hint_text
from grader.panel.text import submission_text as submission_text
