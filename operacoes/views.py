from django.http import HttpRequest, HttpResponse


def processamentos(request: HttpRequest) -> HttpResponse:
    return HttpResponse("processamentos")


def lista(request: HttpRequest) -> HttpResponse:
    return HttpResponse("lista")
