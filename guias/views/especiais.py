"""DAS of a debt in collection, of a process, and of tributes one by one."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from comum.permissoes import opera, usuario_de
from empresas.models import Empresa, Municipio
from guias.forms.especiais import FORMULARIOS, DasForm
from guias.services.acoes import DEFINICOES
from guias.views.acoes import pedir

_NOMES = {
    "cobranca": (
        "DAS de cobrança",
        "O débito que a Receita tem em cobrança em um período: a Receita diz o valor.",
    ),
    "processo": (
        "DAS de processo",
        "O débito de um processo, que pode ser de vários períodos: a Receita diz o valor.",
    ),
    "avulso": (
        "DAS avulso",
        "O valor de cada tributo é você que informa; multa e juros, a Receita calcula.",
    ),
}


@require_http_methods(["GET", "POST"])
@opera
def novo(request: HttpRequest, especie: str) -> HttpResponse:
    """The form; then the pré-voo of the one DAS, and with `marca` its run."""
    if especie not in FORMULARIOS:
        raise Http404
    usuario = usuario_de(request)
    if request.method == "GET":
        return _desenhar(request, especie, FORMULARIOS[especie](initial=request.GET.dict(), usuario=usuario))
    form = FORMULARIOS[especie](request.POST, usuario=usuario)
    if not form.is_valid():
        return _desenhar(request, especie, form, status=422)
    return pedir(
        request,
        form.acao,
        Empresa.objects.filter(pk=form.cleaned_data["empresa"].pk),
        form.competencia,
        via_nova=form.cleaned_data["via_nova"],
        parametros=form.parametros,
        voltar=reverse("guias:lista"),
    )


def _desenhar(request: HttpRequest, especie: str, form: DasForm, *, status: int = 200) -> HttpResponse:
    nome, para_que = _NOMES[especie]
    escolhida = form["empresa"].value() or ""
    municipio = (form["municipio"].value() or "") if "municipio" in form.fields else ""
    empresas = Empresa.objects.visiveis(usuario_de(request))
    return render(
        request,
        "guias/das_form.html",
        {
            "form": form,
            "especie": especie,
            "nome": nome,
            "para_que": para_que,
            "aviso": DEFINICOES[form.acao].aviso,
            "especies": [(chave, nome) for chave, (nome, _) in _NOMES.items()],
            "empresa": empresas.filter(pk=escolhida).first() if str(escolhida).isdecimal() else None,
            "municipio": Municipio.objects.filter(pk=municipio).first(),
        },
        status=status,
    )
