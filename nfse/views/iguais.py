"""*Aplicar às iguais*: one correction for all the notes of a group of refusals, or of one problem of the pré-voo."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from comum.formatos import contar, format_numero
from comum.listas import campos_da_selecao
from comum.permissoes import opera, usuario_de
from comum.respostas import lista_de_onde_veio
from nfse.forms.correcao import CorrecaoForm
from nfse.models import CanalNfse, Nota, ReferenciaCanal
from nfse.services.correcoes import Campo, atividades_comuns, sugeridos
from nfse.services.emissao import ForaNota, Prevoo, com_tudo, prevoo
from nfse.services.iguais import aplicar_as_iguais, com_o_problema, efeito
from nfse.services.validacao import Contexto
from nfse.views.notas import chaves_marcadas, desenhar_prevoo
from operacoes.models import Processamento, Situacao
from operacoes.processamentos.andamento import operacoes_de


@dataclass(frozen=True)
class Grupo:
    """The notes that are equal in one thing. `codigo`: of the pré-voo's problem; empty when the service refused them,
    and then `run` is where. `ocultos` name the group again in the next step's form."""

    notas: list[Nota]
    mensagem: str
    palavras: str
    codigo: str
    campos: list[Campo]
    ocultos: list[tuple[str, str]]
    voltar: str
    run: Processamento | None = None

    @property
    def chaves(self) -> list[int]:
        return [nota.pk for nota in self.notas]

    @property
    def canais(self) -> list[CanalNfse]:
        """By which they go: what some refusals ask for stands there."""
        return list({nota.canal_id: nota.canal for nota in self.notas if nota.canal is not None}.values())


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@opera
def iguais(request: HttpRequest) -> HttpResponse:
    """By GET for a group of a run (`processamento`, `tipo`, `grupo`); by POST for a selection and a `codigo`."""
    params = request.POST if request.method == "POST" else request.GET
    grupo = _do_run(request, params) if "processamento" in params else _da_selecao(request)
    if not grupo.notas:
        messages.info(request, "Nenhuma nota espera esta correção: já foram corrigidas ou enviadas de novo.")
        return redirect(grupo.voltar)
    passo = request.POST.get("passo", "")
    form = _form(request, grupo)
    if passo == "aplicar" and form.is_valid():
        return _aplicar(request, grupo, form)
    if passo == "efeito":
        return _desenhar(request, grupo, form, parte="efeito")
    return _desenhar(request, grupo, form, parte="correcao" if passo == "campo" else "")


# -- which notes ------------------------------------------------------------------------------------------------------


def _do_run(request: HttpRequest, params: QueryDict) -> Grupo:
    usuario, numero = usuario_de(request), params.get("processamento", "")
    pk = int(numero) if numero.isdecimal() and len(numero) < 19 else 0
    run = get_object_or_404(Processamento.objects.visiveis(usuario), pk=pk)
    recusadas = operacoes_de(run, usuario).filter(
        situacao=Situacao.RECUSADA,
        repetida_por__isnull=True,
        tipo=params.get("tipo", ""),
        grupo=params.get("grupo", ""),
    )
    primeira = recusadas.order_by("pk").first()
    notas = Nota.objects.visiveis(usuario).filter(operacao__in=recusadas, situacao=Nota.Situacao.RECUSADA)
    return Grupo(
        notas=com_tudo(notas.values_list("pk", flat=True)),
        mensagem=primeira.mensagem if primeira else "",
        palavras=primeira.palavras_do_servico if primeira else "",
        codigo="",
        campos=sugeridos(params.get("grupo", "")),
        ocultos=[(nome, params.get(nome, "")) for nome in ("processamento", "tipo", "grupo")],
        voltar=run.get_absolute_url(),
        run=run,
    )


def _da_selecao(request: HttpRequest) -> Grupo:
    codigo = request.POST.get("codigo", "")
    notas = com_o_problema(chaves_marcadas(request), codigo) if codigo else []
    previa = prevoo(notas)
    achados = [achado for item in previa.fora for achado in item.problemas if achado.codigo == codigo]
    voltar = lista_de_onde_veio(request, reverse("nfse:notas"))
    return Grupo(
        notas=notas,
        mensagem=achados[0].mensagem if achados else "",
        palavras="",
        codigo=codigo,
        campos=sugeridos(codigo, achados[0].campo) if achados else [],
        ocultos=[*campos_da_selecao(request.POST), ("codigo", codigo), ("next", voltar)],
        voltar=voltar,
    )


# -- the correction ---------------------------------------------------------------------------------------------------


def _form(request: HttpRequest, grupo: Grupo) -> CorrecaoForm:
    contexto = Contexto({nota.empresa_id: nota.empresa for nota in grupo.notas}.values())
    atividades = atividades_comuns(grupo.notas, contexto)
    unidades = ReferenciaCanal.objects.filter(
        canal__in=contexto.rotas.canais, especie=ReferenciaCanal.Especie.UNIDADE
    ).order_by("codigo")
    dados: QueryDict | None = request.POST if "campo" in request.POST else None
    if dados is not None and request.POST.get("passo") == "campo":
        novos = request.POST.copy()
        novos["valor"] = ""  # what was typed is of another field
        dados = novos
    return CorrecaoForm(
        dados,
        sugeridos=grupo.campos,
        atividades=atividades,
        unidades=list(unidades.values_list("codigo", flat=True).distinct()),
    )


def _aplicar(request: HttpRequest, grupo: Grupo, form: CorrecaoForm) -> HttpResponse:
    campo, valor = form.escolhido, form.cleaned_data["valor"]
    mudadas, fora = aplicar_as_iguais(grupo.notas, campo.nome, valor, usuario_de(request), codigo=grupo.codigo)
    if mudadas:
        feitas = contar(len(mudadas), "nota corrigida", "notas corrigidas")
        messages.success(request, f"{feitas}. {campo.rotulo}: {campo.dizer(valor)}.")
    elif not fora:
        messages.info(request, "Nada mudou: as notas já estavam assim.")
    for motivo, itens in Prevoo(fora=fora).grupos:
        ficaram = contar(len(itens), "nota ficou como estava", "notas ficaram como estavam")
        messages.warning(request, f"{ficaram}. {motivo}")
    if grupo.run is not None:
        return redirect(f"{reverse('nfse:iguais')}?{urlencode(grupo.ocultos)}")
    return desenhar_prevoo(request, prevoo(com_tudo(chaves_marcadas(request))), voltar=grupo.voltar)


def _desenhar(request: HttpRequest, grupo: Grupo, form: CorrecaoForm, *, parte: str = "") -> HttpResponse:
    """The page; its part `correcao` follows the field chosen, its part `efeito` the value."""
    mostra_efeito = request.POST.get("passo") in ("efeito", "aplicar")
    depois = None
    if mostra_efeito and form.is_valid():
        depois = efeito(grupo.chaves, form.escolhido.nome, form.cleaned_data["valor"], codigo=grupo.codigo)
    agora = prevoo(grupo.notas)
    contexto = {
        "grupo": grupo,
        "form": form,
        "primeira": grupo.notas[0],
        "agora": agora,
        "problemas_da_primeira": _problemas(agora.fora, grupo.notas[0]),
        "depois": depois,
        "quantas": len(grupo.notas),
        "rotulo": f"Aplicar {'à igual' if len(grupo.notas) == 1 else f'às {format_numero(len(grupo.notas))} iguais'}",
        "erro": form.errors.get("valor", [""])[0] if mostra_efeito else "",
    }
    inteira = not request.htmx  # type: ignore[attr-defined]
    template = "nfse/iguais.html" + ("" if inteira or not parte else f"#{parte}")
    return render(request, template, contexto, status=422 if mostra_efeito and form.errors else 200)


def _problemas(fora: Sequence[ForaNota], nota: Nota) -> list[str]:
    return [achado.mensagem for item in fora if item.nota.pk == nota.pk for achado in item.problemas]
