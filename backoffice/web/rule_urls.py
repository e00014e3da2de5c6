"""Addresses of rules, their drafts, facts and lists."""

from django.urls import path

from backoffice.web import rule_drafts, rule_lists, rules

urlpatterns = [
    path("rules/", rules.rule_list, name="rules"),
    path("rules/new/", rule_drafts.rule_new, name="rule_new"),
    path("rules/check/", rule_drafts.rule_check, name="rule_check"),
    path("rules/facts/", rules.rule_facts, name="rule_facts"),
    path("rules/lists/", rule_lists.list_list, name="rule_lists"),
    path("rules/lists/new/", rule_lists.list_new, name="rule_list_new"),
    path("rules/lists/<slug:code>/", rule_lists.list_page, name="rule_list_page"),
    path("rules/drafts/<int:pk>/", rule_drafts.rule_draft, name="rule_draft"),
    path("rules/drafts/<int:pk>/submit/", rule_drafts.rule_submit, name="rule_submit"),
    path("rules/drafts/<int:pk>/discard/", rule_drafts.rule_discard, name="rule_discard"),
    path("rules/<slug:code>/", rules.rule_page, name="rule"),
    path("rules/<slug:code>/next/", rules.rule_next, name="rule_next"),
    path("rules/<slug:code>/mode/", rules.rule_mode, name="rule_mode"),
]
