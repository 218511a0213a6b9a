from django.http import HttpRequest, HttpResponse


def receitas(request: HttpRequest) -> HttpResponse:
    return HttpResponse("receitas")


def apuracao(request: HttpRequest) -> HttpResponse:
    return HttpResponse("apuracao")


def lista(request: HttpRequest) -> HttpResponse:
    return HttpResponse("lista")
