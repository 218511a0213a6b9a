from django.http import HttpRequest, HttpResponse


def inicio(request: HttpRequest) -> HttpResponse:
    return HttpResponse("inicio")


def primeiros_passos(request: HttpRequest) -> HttpResponse:
    return HttpResponse("passos")
