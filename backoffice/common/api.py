from rest_framework.views import exception_handler

problem_handler = exception_handler
