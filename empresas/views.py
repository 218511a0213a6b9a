from django.http import HttpRequest, HttpResponse


def lista(request: HttpRequest) -> HttpResponse:
    return HttpResponse("lista")


def contexto(request: HttpRequest) -> HttpResponse:
    return HttpResponse("contexto")
