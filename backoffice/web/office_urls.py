"""Addresses of batches, sources, accounts, the ledger, files for the bank, the dashboard and users."""

from django.urls import path

from backoffice.web import accounts, batches, dashboard, delegations, ledger, outgoing, sources, tokens, users

urlpatterns = [
    path("batches/", batches.batch_list, name="batches"),
    path("batches/bring-in/", batches.upload, name="upload"),
    path("batches/bring-in/sample.csv", batches.upload_sample, name="upload_sample"),
    path("batches/<int:pk>/", batches.batch_page, name="batch"),
    path("batches/<int:pk>/problems.csv", batches.batch_problems, name="batch_problems"),
    path("batches/<int:pk>/file/", batches.batch_file, name="batch_file"),
    path("sources/", sources.source_list, name="sources"),
    path("sources/new/", sources.source_new, name="source_new"),
    path("sources/<int:pk>/", sources.source_page, name="source"),
    path("accounts/", accounts.account_list, name="accounts"),
    path("accounts/open/", accounts.account_open, name="account_open"),
    path("accounts/<int:pk>/", accounts.account_page, name="account"),
    path("accounts/<int:pk>/block/", accounts.account_block, name="account_block"),
    path("accounts/<int:pk>/unblock/", accounts.account_unblock, name="account_unblock"),
    path("ledger/", ledger.trial_balance, name="ledger"),
    path("ledger/<int:pk>/", ledger.entry_page, name="entry"),
    path("outgoing/", outgoing.outgoing_list, name="outgoing"),
    path("outgoing/<int:pk>/", outgoing.outgoing_page, name="outgoing_file"),
    path("outgoing/<int:pk>/file/", outgoing.outgoing_download, name="outgoing_download"),
    path("outgoing/<int:pk>/send/", outgoing.outgoing_send, name="outgoing_send"),
    path("outgoing/<int:pk>/confirm/", outgoing.outgoing_confirm, name="outgoing_confirm"),
    path("outgoing/prepare/<int:account_pk>/", outgoing.outgoing_prepare, name="outgoing_prepare"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard/decisions/", dashboard.decisions, name="decisions"),
    path("users/", users.user_list, name="users"),
    path("users/new/", users.user_new, name="user_new"),
    path("users/<int:pk>/", users.user_page, name="user"),
    path("users/<int:pk>/roles/", users.user_grant, name="user_grant"),
    path("users/<int:pk>/roles/<int:grant_pk>/take-back/", users.user_revoke, name="user_revoke"),
    path("users/<int:pk>/limits/", users.user_limit, name="user_limit"),
    path("users/<int:pk>/active/", users.user_active, name="user_active"),
    path("users/<int:pk>/link/", users.user_invite, name="user_invite"),
    path("deputies/", delegations.delegation_list, name="delegations"),
    path("deputies/<int:pk>/end/", delegations.delegation_end, name="delegation_end"),
    path("tokens/", tokens.token_list, name="tokens"),
    path("tokens/<int:pk>/revoke/", tokens.token_revoke, name="token_revoke"),
]
