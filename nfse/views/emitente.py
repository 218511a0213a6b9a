"""The tabs of a canal of Integra Notas: what is read of the service at once, and what is asked of it as a pedido."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from arquivo.models import Documento
from arquivo.services import depositados, guardar
from comum.models import Auditoria
from comum.permissoes import administra, opera, usuario_de
from empresas.models import Municipio
from nfse.forms.emitente import (
    AlterarEmitenteForm,
    BackupForm,
    BuscaForm,
    CertificadoForm,
    ConflitoForm,
    MunicipioForm,
    lido_no_form,
)
from nfse.models import AvisoWebhook, CanalNfse, Nota, TipoCanal
from nfse.providers.integranotas.filtros import FiltroBusca, FiltroPrefeitura
from nfse.services import acesso, administracao, canais
from nfse.services.limites import limites_integranotas
from nfse.views.base_canais import (
    canal_visivel,
    com_as_nossas,
    contexto_do_canal,
    do_canal,
    em_palavras,
    enviado,
    ler,
    pedidos,
)
from operacoes.models import Operacao

_DA_PREFEITURA = 75.0  # seconds: the service itself waits up to 60 for the town hall
_TIPOS = {tipo.rsplit(".", 1)[1]: tipo for tipo in administracao.TIPOS}
EVENTOS = 100


def _do_integranotas(request: HttpRequest, codigo: int) -> CanalNfse:
    return canal_visivel(request, codigo, TipoCanal.INTEGRANOTAS)


def _pagina(request: HttpRequest, canal: CanalNfse, aba: str, status: int = 200, **mais: Any) -> HttpResponse:
    return render(request, f"nfse/aba_{aba}.html", contexto_do_canal(canal, aba) | mais, status=status)


def _pedir(request: HttpRequest, canal: CanalNfse, aba: str, pedido: Any) -> HttpResponse:
    """Submit what `pedido` makes, and back to its tab."""
    try:
        operacao: Operacao = pedido()
    except (administracao.AdministracaoErro, canais.CanalErro) as erro:
        messages.error(request, str(erro))
    else:
        messages.success(request, f"Pedido na fila: operação {operacao.pk}. O resultado aparece aqui.")
    return redirect(f"nfse:canal_{aba}", canal.codigo)


@require_GET
def lista_de_pedidos(request: HttpRequest, codigo: int) -> HttpResponse:
    """The last pedidos of one kind (?tipo=), for the part of a tab that refreshes itself."""
    canal = canal_visivel(request, codigo)
    tipo = _TIPOS.get(request.GET.get("tipo", ""), "")
    return render(request, "nfse/partials/pedidos.html", _pedidos(canal, tipo))


def _pedidos(canal: CanalNfse, tipo: str) -> dict[str, Any]:
    url = f"{reverse('nfse:canal_pedidos', args=[canal.codigo])}?tipo={tipo.rsplit('.', 1)[-1]}"
    return pedidos(do_canal(canal, tipo)) | {"url_dos_pedidos": url}


# -- Emitente ---------------------------------------------------------------------------------------------------------


@administra
@require_GET
def emitente(request: HttpRequest, codigo: int) -> HttpResponse:
    canal = _do_integranotas(request, codigo)
    return _pagina(request, canal, "emitente", **_pedidos(canal, administracao.ALTERAR))


@administra
@require_POST
def ler_emitente(request: HttpRequest, codigo: int) -> HttpResponse:
    """The record as the service has it, by the emitente's own token, with the form that changes it."""
    canal = _do_integranotas(request, codigo)
    lido = ler(
        request,
        lambda chamadas: acesso.abrir_integranotas(canal).emitente(chamadas=chamadas),
        limites_integranotas(canal.acesso),
    )
    mais: dict[str, Any] = _pedidos(canal, administracao.ALTERAR)
    if lido is not None:
        form = AlterarEmitenteForm(empresa=canal.empresa, initial=lido_no_form(lido.bruto))
        rotulos = {nome: str(campo.label) for nome, campo in form.fields.items()} | {"cnpj": "CNPJ", "cpf": "CPF"}
        mais |= {"form": form, "fatos": em_palavras(lido.bruto, rotulos)}
    return _pagina(request, canal, "emitente", **mais)


@administra
@require_POST
def alterar_emitente(request: HttpRequest, codigo: int) -> HttpResponse:
    canal = _do_integranotas(request, codigo)
    form = AlterarEmitenteForm(request.POST, empresa=canal.empresa)
    if not form.is_valid():
        return _pagina(request, canal, "emitente", 422, form=form, **_pedidos(canal, administracao.ALTERAR))
    return _pedir(
        request,
        canal,
        "emitente",
        lambda: administracao.alterar_emitente(
            canal=canal,
            cadastro=form.cadastro(),
            prefeitura=form.cleaned_data["prefeitura"],
            pela_conta=bool(form.cleaned_data["pela_conta"]),
            usuario=usuario_de(request),
        ),
    )


# -- Certificado ------------------------------------------------------------------------------------------------------


@administra
@require_http_methods(["GET", "HEAD", "POST"])
def certificado(request: HttpRequest, codigo: int) -> HttpResponse:
    """What is held here and when it was sent; POST sends another."""
    canal = _do_integranotas(request, codigo)
    form = CertificadoForm(*enviado(request), canal=canal)
    if request.method == "POST" and form.is_valid():
        return _pedir(request, canal, "certificado", lambda: _enviar_certificado(request, canal, form))
    status = 422 if form.errors else 200
    return _pagina(request, canal, "certificado", status, form=form, **_pedidos(canal, administracao.CERTIFICADO))


@transaction.atomic
def _enviar_certificado(request: HttpRequest, canal: CanalNfse, form: CertificadoForm) -> Operacao:
    """The file is kept in the canal first; what is sent is what is kept."""
    atual = canais.travar(canal)
    if canais.trocar_certificado(atual, form.escolhido()):
        canais.gravar(usuario_de(request), atual, ["certificado"])
    assert atual.certificado_id is not None  # noqa: S101 - one was chosen
    return administracao.enviar_certificado(canal=atual, certificado=atual.certificado_id, usuario=usuario_de(request))


@administra
@require_POST
def ler_certificado(request: HttpRequest, codigo: int) -> HttpResponse:
    canal = _do_integranotas(request, codigo)
    lido = ler(
        request,
        lambda chamadas: acesso.abrir_integranotas(canal).certificado(chamadas=chamadas),
        limites_integranotas(canal.acesso),
    )
    form = CertificadoForm(canal=canal)
    mais = _pedidos(canal, administracao.CERTIFICADO)
    return _pagina(request, canal, "certificado", form=form, lido=lido, hoje=timezone.localdate(), **mais)


# -- Token ------------------------------------------------------------------------------------------------------------


@administra
@require_http_methods(["GET", "HEAD", "POST"])
def token(request: HttpRequest, codigo: int) -> HttpResponse:
    """How the token is changed, and what to do when the answer to that is lost; POST changes it."""
    canal = _do_integranotas(request, codigo)
    if request.method == "POST":
        return _pedir(
            request, canal, "token", lambda: administracao.trocar_token(canal=canal, usuario=usuario_de(request))
        )
    return _pagina(request, canal, "token", **_pedidos(canal, administracao.TOKEN))


# -- Avisos (webhook) -------------------------------------------------------------------------------------------------


@administra
@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: HttpRequest, codigo: int) -> HttpResponse:
    """The address to which the service tells of notes that left processing; POST registers it."""
    canal = _do_integranotas(request, codigo)
    url = _endereco_dos_avisos(request, canal)
    if request.method == "POST":
        return _pedir(
            request,
            canal,
            "webhook",
            lambda: administracao.registrar_webhook(canal=canal, url=url, usuario=usuario_de(request)),
        )
    registrado = canal.opcoes.get("webhook") or {}
    return _pagina(
        request,
        canal,
        "webhook",
        url=url,
        registrado=registrado,
        avisos=_avisos(canal)[:20],
        **_pedidos(canal, administracao.WEBHOOK),
    )


def _endereco_dos_avisos(request: HttpRequest, canal: CanalNfse) -> str:
    if canal.conta is None:
        return ""
    caminho = reverse("nfse:aviso", args=[canal.conta.endereco])
    return f"{settings.URL_PUBLICA}{caminho}" if settings.URL_PUBLICA else request.build_absolute_uri(caminho)


def _avisos(canal: CanalNfse) -> Any:
    return (
        AvisoWebhook.objects.filter(conta=canal.conta_id, documento=canal.empresa.documento)
        .select_related("operacao")
        .order_by("-recebido_em")
    )


# -- Município, pendentes, backup, busca: readings --------------------------------------------------------------------


@require_GET
def municipio(request: HttpRequest, codigo: int) -> HttpResponse:
    canal = _do_integranotas(request, codigo)
    return _pagina(request, canal, "municipio", **_do_municipio(canal))


def _do_municipio(canal: CanalNfse) -> dict[str, Any]:
    guardado: dict[str, Any] = canal.opcoes.get("municipio") or {}
    lido_em = datetime.fromisoformat(guardado["lido_em"]) if guardado else None
    return {"fatos": em_palavras(guardado), "lido_em": lido_em, "escolhido": canal.empresa.municipio}


@opera
@require_POST
def ler_municipio(request: HttpRequest, codigo: int) -> HttpResponse:
    """How a município is integrated, as the service tells it; of the emitente's own it is kept, with its date."""
    canal = _do_integranotas(request, codigo)
    form = MunicipioForm(request.POST)
    if not form.is_valid():
        return _pagina(request, canal, "municipio", 422, form=form, **_do_municipio(canal))
    ibge = form.cleaned_data["ibge"]
    lido = ler(
        request,
        lambda chamadas: acesso.abrir_integranotas(canal).info(ibge, chamadas=chamadas),
        limites_integranotas(canal.acesso),
    )
    escolhido = Municipio.objects.filter(pk=ibge).first()
    if lido is not None and ibge == canal.empresa.municipio_id:
        canal = _guardar_municipio(canal, dict(lido))
    mais = _do_municipio(canal)
    if lido is not None:
        mais |= {"fatos": em_palavras(lido), "lido_em": timezone.now()}
    return _pagina(request, canal, "municipio", **mais | {"escolhido": escolhido, "perguntado": True})


@transaction.atomic
def _guardar_municipio(canal: CanalNfse, lido: dict[str, Any]) -> CanalNfse:
    atual = canais.travar(canal)
    visto = {nome: valor for nome, valor in lido.items() if nome not in ("sucesso", "codigo", "mensagem")}
    canal.opcoes = {**atual.opcoes, "municipio": visto | {"lido_em": timezone.now().isoformat(timespec="seconds")}}
    CanalNfse.objects.filter(pk=canal.pk).update(opcoes=canal.opcoes)
    return canal


@require_GET
def pendentes(request: HttpRequest, codigo: int) -> HttpResponse:
    canal = _do_integranotas(request, codigo)
    return _pagina(request, canal, "pendentes", nossas=_nossas_pendentes(canal))


def _nossas_pendentes(canal: CanalNfse) -> list[Nota]:
    emitindo = Nota.objects.filter(canal=canal, situacao__in=[Nota.Situacao.EMITINDO, Nota.Situacao.CANCELANDO])
    return list(emitindo.select_related("tomador", "operacao").order_by("numero")[:100])


@opera
@require_POST
def ler_pendentes(request: HttpRequest, codigo: int) -> HttpResponse:
    canal = _do_integranotas(request, codigo)
    lido = ler(
        request,
        lambda chamadas: acesso.abrir_integranotas(canal).offline(chamadas=chamadas),
        limites_integranotas(canal.acesso),
    )
    achadas = com_as_nossas(canal, lido.notas) if lido is not None else None
    return _pagina(request, canal, "pendentes", nossas=_nossas_pendentes(canal), achadas=achadas)


@require_GET
def backup(request: HttpRequest, codigo: int) -> HttpResponse:
    canal = _do_integranotas(request, codigo)
    mes = timezone.localdate().replace(day=1) - timedelta(days=1)
    return _pagina(request, canal, "backup", form=BackupForm(initial={"mes": mes.month, "ano": mes.year}))


@opera
@require_POST
def ler_backup(request: HttpRequest, codigo: int) -> HttpResponse:
    canal = _do_integranotas(request, codigo)
    form = BackupForm(request.POST)
    if not form.is_valid():
        return _pagina(request, canal, "backup", 422, form=form)
    ano, mes, recebidas = form.cleaned_data["ano"], form.cleaned_data["mes"], form.cleaned_data["tipo"] == "recebidas"
    cliente = acesso.abrir_integranotas

    def pedir(chamadas: Any) -> Any:
        if recebidas:
            return cliente(canal).backup_recebidos("nfse", ano, mes, chamadas=chamadas)
        return cliente(canal).backup(ano, mes, chamadas=chamadas)

    lido = ler(request, pedir, limites_integranotas(canal.acesso))
    return _pagina(request, canal, "backup", form=form, lido=lido)


@require_GET
def busca(request: HttpRequest, codigo: int) -> HttpResponse:
    canal = _do_integranotas(request, codigo)
    return _pagina(request, canal, "busca", form=BuscaForm())


@opera
@require_POST
def ler_busca(request: HttpRequest, codigo: int) -> HttpResponse:
    """Notes of this emitente that the service, or the town hall, has; each beside ours, if there is one."""
    canal = _do_integranotas(request, codigo)
    form = BuscaForm(request.POST)
    if not form.is_valid():
        return _pagina(request, canal, "busca", 422, form=form)
    limpos = form.cleaned_data
    numero = str(limpos["numero"]) if limpos["numero"] else ""

    def procurar(chamadas: Any) -> Any:
        cliente = acesso.abrir_integranotas(canal)
        if limpos["onde"] == "prefeitura":
            filtro = FiltroPrefeitura(
                emissao_inicial=limpos["de"],
                emissao_final=limpos["ate"],
                serie=limpos["serie"],
                rps=limpos["rps"],
                numero=numero,
            )
            return cliente.buscar_na_prefeitura(filtro, chamadas=chamadas)
        filtro_da_base = FiltroBusca(
            data_inicial=limpos["de"],
            data_final=limpos["ate"],
            serie=limpos["serie"],
            rps_inicial=limpos["rps"],
            rps_final=limpos["rps"],
            numero_inicial=limpos["numero"],
            numero_final=limpos["numero"],
        )
        return cliente.buscar(filtro_da_base, chamadas=chamadas)

    prazo = _DA_PREFEITURA if limpos["onde"] == "prefeitura" else 30.0
    lido = ler(request, procurar, limites_integranotas(canal.acesso), prazo)
    achadas = com_as_nossas(canal, lido.notas) if lido is not None else None
    return _pagina(request, canal, "busca", form=form, achadas=achadas, lido=lido)


# -- Conflito ---------------------------------------------------------------------------------------------------------


@opera
@require_http_methods(["GET", "HEAD", "POST"])
def conflito(request: HttpRequest, codigo: int) -> HttpResponse:
    """A note on which the service and the town hall disagree: POST sends the town hall's XML."""
    canal = _do_integranotas(request, codigo)
    form = ConflitoForm(*enviado(request), initial={"chave": request.GET.get("chave", "")})
    if request.method == "POST" and form.is_valid():
        nota = Nota.objects.filter(canal=canal, chave=form.cleaned_data["chave"]).first()
        if nota is not None:
            xml: bytes = form.cleaned_data["xml"]
            return _pedir(request, canal, "conflito", lambda: _acertar(request, canal, nota, xml))
        form.add_error("chave", "Nenhuma nota deste canal tem esta chave. Confira a chave, ou o canal.")
    status = 422 if form.errors else 200
    return _pagina(request, canal, "conflito", status, form=form, **_pedidos(canal, administracao.CONFLITO))


def _acertar(request: HttpRequest, canal: CanalNfse, nota: Nota, xml: bytes) -> Operacao:
    with depositados([xml]), transaction.atomic():
        documento = guardar(
            xml,
            empresa=canal.empresa,
            tipo=Documento.Tipo.NFSE_XML,
            nome=f"nfse-{nota.numero_nfse or nota.pk}-prefeitura-{uuid4().hex[:6]}.xml",
            competencia=nota.competencia,
            mime="application/xml",
            referencia=nota.numero_nfse,
            chave=nota.chave,
            numero=nota.numero_nfse,
        )
        return administracao.acertar_conflito(canal=canal, nota=nota, xml=documento.pk, usuario=usuario_de(request))


# -- Eventos ----------------------------------------------------------------------------------------------------------


@require_GET
def eventos(request: HttpRequest, codigo: int) -> HttpResponse:
    """What happened to the canal: who did what, what was asked of the service, what it told."""
    canal = canal_visivel(request, codigo)
    contexto = contexto_do_canal(canal, "eventos") | {
        "auditoria": Auditoria.objects.filter(objeto=f"canalnfse:{canal.pk}").select_related("usuario")[:EVENTOS],
        "avisos": _avisos(canal)[:EVENTOS] if canal.conta_id else [],
        **pedidos(do_canal(canal, *administracao.TIPOS)),
    }
    return render(request, "nfse/aba_eventos.html", contexto)
