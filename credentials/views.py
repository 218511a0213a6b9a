from django.http import HttpRequest, HttpResponse


def lista(request: HttpRequest) -> HttpResponse:
    return HttpResponse("lista")


def abrir(request: HttpRequest) -> HttpResponse:
    return HttpResponse("abrir")
