"""Canais: the list, one canal, its form, its numbering and its test."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comum.formatos import contar
from comum.listas import a_exportar, selecionados
from comum.models import Usuario
from comum.permissoes import administra, opera, usuario_de
from comum.respostas import exportacao, lista_de_onde_veio, volta
from empresas.contexto import contexto_de
from empresas.models import Empresa, Municipio
from nfse.forms.canais import CanalForm, EscolhaForm, NumeracaoForm
from nfse.lista_canais import CABECALHO_CANAIS, canais_exportados, lista_de_canais
from nfse.models import CanalNfse, ConvenioNacional, EmissorMunicipal, TipoCanal
from nfse.models.canais import CanalQuerySet
from nfse.services import acesso, cadastros, canais, convenios, exigencias, municipais, parametros, testes
from nfse.services.regras import Rotas
from nfse.views.base_canais import canal_visivel, contexto_do_canal, enviado
from operacoes.errors import ProviderError
from operacoes.models import Pausa

# -- list and what is done to many ------------------------------------------------------------------------------------


@require_GET
def lista(request: HttpRequest) -> HttpResponse:
    usuario = usuario_de(request)
    achados = lista_de_canais(request.GET, usuario, contexto_de(request).empresa)
    pagina = list(achados.pagina)
    pausas = set(Pausa.objects.filter(acesso__in=[c.acesso for c in pagina]).values_list("acesso", flat=True))
    contexto = {
        "lista": achados,
        "linhas": [
            (c, canais.situacao_do_certificado(c), c.acesso in pausas, canais.alterado_depois_do_teste(c))
            for c in pagina
        ],
        "filtros": [(filtro, achados.valores.get(filtro.nome, "")) for filtro in achados.filtros],
    }
    template = "nfse/canal_list.html" + ("#tabela" if request.htmx else "")  # type: ignore[attr-defined]
    return render(request, template, contexto)


def _marcados(request: HttpRequest) -> CanalQuerySet:
    usuario, empresa = usuario_de(request), contexto_de(request).empresa
    base = CanalNfse.objects.visiveis(usuario)
    return selecionados(request.POST, base, lambda params: lista_de_canais(params, usuario, empresa))


@require_POST
def exportar(request: HttpRequest) -> HttpResponseBase:
    usuario, empresa = usuario_de(request), contexto_de(request).empresa
    linhas = a_exportar(
        request, lambda params: lista_de_canais(params, usuario, empresa), _marcados, "empresa__ordem", "pk"
    )
    return exportacao(request, "canais", CABECALHO_CANAIS, canais_exportados(linhas))


@administra
@require_POST
def ativar(request: HttpRequest) -> HttpResponse:
    return _ativar(request, ativo=True)


@administra
@require_POST
def inativar(request: HttpRequest) -> HttpResponse:
    return _ativar(request, ativo=False)


def _ativar(request: HttpRequest, *, ativo: bool) -> HttpResponse:
    mudaram = canais.ativar(_marcados(request), ativo, usuario_de(request))
    um, muitos = ("ativado", "ativados") if ativo else ("inativado", "inativados")
    if mudaram:
        messages.success(request, f"{contar(mudaram, 'canal', 'canais')} {um if mudaram == 1 else muitos}.")
    else:
        messages.info(request, f"Nada a fazer: nenhum dos marcados precisava ser {um}.")
    return redirect(volta(request, reverse("nfse:canais")))


# -- one canal --------------------------------------------------------------------------------------------------------


@require_GET
def ver(request: HttpRequest, codigo: int) -> HttpResponse:
    canal = canal_visivel(request, codigo)
    competencia, rotas = contexto_de(request).competencia, Rotas([canal.empresa])
    contexto = contexto_do_canal(canal, "resumo") | {
        "competencia": competencia,
        "rota": rotas.rota(canal.empresa, competencia),
        "faltas": canais.faltas_na_nota(canal, rotas.regime(canal.empresa, competencia)),
        "livres": list(canal.numeros_livres.order_by("serie", "numero")[:20]),
        "usado": canais.maior_usado(canal, canal.serie) if canal.numera else 0,
        "client_id": canal.opcoes.get(canais.CLIENT_ID, ""),
        "exigencias": exigencias.do_canal(canal),
        "convenios": _convenios(canal),
        "parametros": municipais.linhas_do_canal(canal) if canal.tipo == TipoCanal.NACIONAL else [],
        "emissor": EmissorMunicipal.objects.filter(municipio=canal.empresa.municipio_id).first()
        if canal.tipo == TipoCanal.NACIONAL
        else None,
        "voltar": lista_de_onde_veio(request, reverse("nfse:canais")),
    }
    return render(request, "nfse/canal.html", contexto)


def _convenios(canal: CanalNfse) -> list[tuple[Municipio, ConvenioNacional | None, bool]]:
    """Of the municípios by which its notes go: what was read, None where never asked, and whether that is old."""
    if canal.tipo != TipoCanal.NACIONAL:
        return []
    codigos = convenios.municipios_de(canal)
    lidos = ConvenioNacional.objects.in_bulk(codigos)
    municipios = Municipio.objects.in_bulk(codigos)
    return [
        (municipios[codigo], lido, lido is not None and convenios.velho(lido))
        for codigo in codigos
        if codigo in municipios
        for lido in [lidos.get(codigo)]
    ]


@opera
@require_POST
def ler_convenios(request: HttpRequest, codigo: int) -> HttpResponse:
    """*Ler de novo*: the agreements shown on the page and what the municípios set, whatever their age."""
    canal = canal_visivel(request, codigo, TipoCanal.NACIONAL)
    lidos = 0
    try:
        for municipio in convenios.municipios_de(canal):
            convenios.ler(canal, municipio)
            lidos += 1
        parametrizados = parametros.ler_do_canal(canal)
    except ProviderError as erro:
        messages.error(request, f"Não foi possível ler do município agora. {erro} Continua valendo o que se leu antes.")
    else:
        dito = contar(lidos, "convênio", "convênios")
        if parametrizados:
            dito += f" e {contar(parametrizados, 'parâmetro', 'parâmetros')}"
        messages.success(request, f"Do município, agora: {dito}.")
    return redirect(canal)


@administra
@require_http_methods(["GET", "HEAD", "POST"])
def novo(request: HttpRequest) -> HttpResponse:
    """The empresa and the service first; the fields follow what was chosen (htmx asks for them with GET)."""
    gravar = request.method == "POST"
    empresas = Empresa.objects.visiveis(usuario_de(request))
    escolha = EscolhaForm(request.POST if gravar else _iniciais(request), empresas=empresas)
    empresa, tipo = escolha.escolhidos()
    iniciais = request.GET.dict() if "tipo" in request.GET else {}
    form = CanalForm(*enviado(request), tipo=tipo, empresa=empresa, initial=iniciais)
    if gravar and form.is_valid() and escolha.is_valid() and empresa is not None:
        try:
            canal = canais.criar(usuario=usuario_de(request), empresa=empresa, tipo=tipo, dados=form.dados())
        except canais.CanalErro as erro:
            (escolha if erro.campo == "empresa" else form).add_error(_campo(form, escolha, erro.campo), str(erro))
        else:
            messages.success(request, f"Canal {canal.codigo} gravado. Agora teste a conexão.")
            return redirect(canal)
    if not gravar:
        escolha.errors.clear()
    contexto = {"form": form, "escolha": escolha, "tipo": tipo, "empresa": empresa, "enviado": gravar}
    return render(request, _parte_do_novo(request, gravar), contexto, status=422 if gravar else 200)


def _parte_do_novo(request: HttpRequest, gravar: bool) -> str:
    """The page, or what follows from the choice that was changed: of the empresa, or of the service."""
    if gravar or not request.htmx:  # type: ignore[attr-defined]
        return "nfse/canal_form.html"
    if request.GET.get("parte") == "certificados":
        return "nfse/partials/certificado_escolha.html"
    return "nfse/canal_form.html#servico"


def _iniciais(request: HttpRequest) -> QueryDict:
    """What the page begins with: the empresa of the address, else that of the top bar, and the service by which its
    notes of the competência go."""
    dados, contexto = request.GET.copy(), contexto_de(request)
    if "empresa" not in dados and contexto.empresa is not None:
        dados["empresa"] = str(contexto.empresa.pk)
    if "tipo" not in dados:
        dados["tipo"] = _da_regra(usuario_de(request), dados.get("empresa", ""), contexto.competencia)
    return dados


def _da_regra(usuario: Usuario, pk: str, competencia: date) -> str:
    """The service of the rule in force, where the empresa has no canal of it yet."""
    visiveis = Empresa.objects.visiveis(usuario).select_related("municipio")
    empresa = visiveis.filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < 10 else None
    regra = Rotas([empresa]).regra(empresa, competencia) if empresa is not None else None
    if empresa is None or regra is None or empresa.canais.filter(tipo=regra.canal).exists():
        return TipoCanal.SISGENFE
    return regra.canal


def _campo(form: CanalForm, escolha: EscolhaForm, nome: str) -> str | None:
    return nome if nome in form.fields or nome in escolha.fields else None


@administra
@require_http_methods(["GET", "HEAD", "POST"])
def alterar(request: HttpRequest, codigo: int) -> HttpResponse:
    canal = canal_visivel(request, codigo)
    form = CanalForm(*enviado(request), tipo=TipoCanal(canal.tipo), canal=canal)
    if request.method == "POST" and form.is_valid():
        try:
            salvo = canais.alterar(
                usuario=usuario_de(request), canal=canal, dados=form.dados(), versao=form.cleaned_data["versao"]
            )
        except canais.CanalMudou as mudou:
            form.add_error(None, str(mudou))
            _sobre_o_que_esta(request, form, codigo)
        except canais.CanalErro as erro:
            form.add_error(erro.campo if erro.campo in form.fields else None, str(erro))
        else:
            messages.success(request, f"Canal {salvo.codigo} gravado.")
            return redirect(salvo)
    contexto = {"form": form, "canal": canal, "tipo": TipoCanal(canal.tipo), "empresa": canal.empresa}
    return render(request, "nfse/canal_form.html", contexto, status=422 if form.errors else 200)


def _sobre_o_que_esta(request: HttpRequest, form: CanalForm | NumeracaoForm, codigo: int) -> None:
    """The next save is on top of what is stored now."""
    relido = request.POST.copy()
    relido["versao"] = acesso.versao_de(CanalNfse.objects.get(codigo=codigo))
    form.data = relido


@administra
@require_http_methods(["GET", "HEAD", "POST"])
def numeracao(request: HttpRequest, codigo: int) -> HttpResponse:
    canal = canal_visivel(request, codigo)
    if not canal.numera:
        messages.info(request, "No SISGENF-e quem dá o número da nota é a prefeitura: não há série nem próximo número.")
        return redirect(canal)
    form = NumeracaoForm(enviado(request)[0], canal=canal)
    if request.method == "POST" and form.is_valid():
        limpos = form.cleaned_data
        try:
            salvo = canais.numerar(
                usuario=usuario_de(request),
                canal=canal,
                serie=limpos["serie"],
                proximo_numero=limpos["proximo_numero"],
                motivo=limpos["motivo"],
                versao=limpos["versao"],
            )
        except canais.CanalMudou as mudou:
            form.add_error(None, str(mudou))
            _sobre_o_que_esta(request, form, codigo)
        except canais.CanalErro as erro:
            form.add_error(erro.campo or None, str(erro))
        else:
            messages.success(request, f"A próxima nota deste canal é a {salvo.serie}/{salvo.proximo_numero}.")
            return redirect(salvo)
    contexto = contexto_do_canal(canal, "resumo") | {
        "form": form,
        "usado": canais.maior_usado(canal, canal.serie),
    }
    return render(request, "nfse/canal_numeracao.html", contexto, status=422 if form.errors else 200)


@administra
@require_POST
def testar(request: HttpRequest, codigo: int) -> HttpResponse:
    canal = canal_visivel(request, codigo)
    try:
        teste = testes.testar(canal=canal, usuario=usuario_de(request))
    except canais.CanalMudou as mudou:
        messages.warning(request, str(mudou))
        return redirect(canal)
    if teste.ok:
        messages.success(request, teste.mensagem)
    else:
        messages.error(request, f"Não conectou. {teste.mensagem}")
    return redirect(canal)


# -- registers of SISGENF-e -------------------------------------------------------------------------------------------


@require_GET
def referencias(request: HttpRequest, codigo: int) -> HttpResponse:
    """The internal ids kept of the service, each with its age."""
    canal = canal_visivel(request, codigo, TipoCanal.SISGENFE)
    achadas = cadastros.lista_de(request.GET, canal)
    contexto = contexto_do_canal(canal, "cadastros") | {
        "lista": achadas,
        "grupos": cadastros.resumo(canal),
        "especie": achadas.valores.get("especie", ""),
        "ufs": cadastros.ufs_de(canal),
    }
    template = "nfse/canal_cadastros.html" + ("#tabela" if request.htmx else "")  # type: ignore[attr-defined]
    return render(request, template, contexto)


@opera
@require_POST
def atualizar_referencias(request: HttpRequest, codigo: int) -> HttpResponse:
    canal = canal_visivel(request, codigo, TipoCanal.SISGENFE)
    destino = redirect("nfse:canal_cadastros", codigo)
    try:
        lidos = cadastros.atualizar(canal=canal, usuario=usuario_de(request), uf=request.POST.get("uf", ""))
    except cadastros.CadastroErro as erro:
        messages.error(request, str(erro))
    except ProviderError as erro:
        messages.error(request, f"Nada foi atualizado. {erro.mensagem}")
    else:
        messages.success(request, f"Cadastros lidos do SISGENF-e: {lidos}.")
    return destino
