"""Every URL of the product, as each kind of person: who gets in, and that another carteira's empresa shows nowhere.

A new URL is covered by itself; one with a new kind of parameter must say here which record it means.
"""

import html
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode, urljoin

import pytest
from django.apps import apps
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from arquivo import services as arquivo
from comum.banco import cursor_preparado
from comum.models import Adicional, Usuario
from credentials.models import Autor, CertificadoA1, Credencial, Gravacao, Servico, Vinculo
from empresas.models import Carteira, Contato, Empresa, Importacao
from guias.models import (
    Apuracao,
    ApuracaoMit,
    Darf,
    DeclaracaoDctfweb,
    DeclaracaoDefis,
    Entrega,
    Guia,
    MensagemEcac,
    OpcaoRegime,
    RascunhoDefis,
    Renuncia,
)
from guias.services import leitura
from nfse.models import CanalNfse, ContaSofthouse, NotaRecebida, RegraCanal, TipoCanal
from operacoes.models import Classe, Consumo, Efeito, Operacao, Processamento, Situacao, Tentativa
from pagar.models import ContaErp, EstabelecimentoErp, Fornecedor, RegraImposto, RegraTitulo
from tests.cast import criar_empresa
from tests.nfse.apoio import criar_nota
from tests.nfse.fabrica import criar_contrato
from tests.pagar import fabricas as titulos

pytestmark = pytest.mark.django_db

PUBLICAS = {"entrar", "saude", "favicon", "aviso", "conferir_guia", "guia_do_cliente", "pdf_do_cliente"}
# What a person who only consults may send: own session, own password, own context.
POST_DE_QUALQUER_UM = {"entrar", "sair", "password_change", "contexto", "validades_ciente"}
# Reading by POST: the marked rows travel in the body.
LEITURA_POR_POST = {
    "arquivo:exportar",
    "arquivo:zip",
    "empresas:exportar",
    "guias:zip",
    "nfse:canais_exportar",
    "nfse:simular_exportar",
    "nfse:tomadores_exportar",
    "nfse:servicos_exportar",
    "nfse:contratos_exportar",
    "nfse:notas_exportar",
    "nfse:notas_zip",
    "nfse:recebidas_exportar",
    "nfse:recebidas_zip",
    "pagar:titulos_exportar",
}
DE_UMA_NOTA = (
    "nota", "editar", "emitir", "abandonar", "corrigir", "cancelar", "substituir", "responder_cancelamento", "reler",
    "email", "baixar",
)  # fmt: skip
COMPETENCIA = date(2026, 10, 1)
SEGREDO = "ZEBRA SIGILOSA"


@dataclass
class Mundo:
    """One empresa of Bruno's carteira (A) and one of another (B), each with records of every kind."""

    a: Empresa
    b: Empresa
    chaves: dict[str, Any]  # "namespace:parameter" or "namespace:name:parameter" -> value, always of B


def _nome(pattern: URLPattern) -> str:
    return pattern.name or "favicon"


def _urls(patterns: list[Any], espaco: str = "", prefixo: str = "") -> Iterator[tuple[str, str, list[str]]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                yield from _urls(pattern.url_patterns, pattern.namespace or espaco, prefixo + str(pattern.pattern))
        else:
            yield espaco, _nome(pattern), list(pattern.pattern.converters)


URLS = list(_urls(get_resolver().url_patterns))


@pytest.fixture
def mundo(
    ana: Usuario, bruno: Usuario, carla: Usuario, carteira: Carteira, outra_carteira: Carteira, adicional_216: Adicional
) -> Mundo:
    a = criar_empresa(1, carteira=carteira, razao_social="Padaria Visível Ltda")
    b = criar_empresa(2, carteira=outra_carteira, razao_social=f"{SEGREDO} Ltda")
    agora = timezone.now()
    certificado = CertificadoA1.objects.create(
        titular="ESCRITORIO DE TESTE",
        documento="11222333000181",
        emissor="AC de teste",
        valido_de=agora - timedelta(days=1),
        valido_ate=agora + timedelta(days=300),
        impressao="0" * 64,
        pfx=b"x",
        senha=b"x",
    )
    credencial = Credencial.objects.create(
        codigo=7,
        descricao="Matriz",
        contratante="11222333000181",
        contratante_nome="ESCRITORIO",
        certificado=certificado,
    )
    for empresa in (a, b):
        Vinculo.objects.create(
            empresa=empresa,
            credencial=credencial,
            servicos=[Servico.PGDASD],
            autor=Autor.CONTRATANTE,
            gravado_por=ana,
            gravado_em=agora,
        )
    gravacao = Gravacao.objects.create(credencial=credencial, usuario=ana, incluidas=2)
    processamento = Processamento.objects.create(
        tipo="guias", titulo="Transmitir", usuario=ana, competencia=COMPETENCIA
    )
    operacao = Operacao.objects.create(
        tipo="guias.das.emitir",
        chave=f"teste:{b.pk}",
        pedido={},
        acesso=credencial.acesso,
        balde="x",
        servico="integra_contador",
        efeito=Efeito.DOCUMENTO,
        classe=Classe.EMISSAO,
        situacao=Situacao.CONCLUIDA,
        encerrada_em=agora,
        processamento=processamento,
        empresa=b,
        usuario=ana,
        competencia=COMPETENCIA,
    )
    Tentativa.objects.create(
        operacao=operacao, especie="envio", trabalhador="t", cobrada=True, classe="emissao", cobrancas=["emissao"]
    )
    consumo = Consumo.objects.create(
        conta=credencial.contratante, sha256="0" * 64, nome_arquivo=f"{SEGREDO}.csv", inicio=date(2026, 10, 21),
        de=COMPETENCIA, ate=COMPETENCIA, linhas=0, importado_por=ana,
    )  # fmt: skip
    documento = arquivo.guardar(b"%PDF-1.4 teste", empresa=b, tipo="das", nome="das.pdf", competencia=COMPETENCIA)
    apuracao = Apuracao.objects.create(
        empresa=b, competencia=COMPETENCIA, situacao=Apuracao.Situacao.TRANSMITIDA, id_declaracao="1" * 17
    )
    guia = Guia.objects.create(
        tipo=Guia.Tipo.DAS,
        empresa=b,
        apuracao=apuracao,
        divida=f"pgdasd:{apuracao.pk}",
        competencia=COMPETENCIA,
        numero="07202632500000001",
        vencimento=date(2026, 11, 23),
        limite=date(2026, 11, 23),
        principal=Decimal("10.00"),
        multa=Decimal(0),
        juros=Decimal(0),
        total=Decimal("10.00"),
        documento=documento,
        operacao=operacao,
    )
    entrega = Entrega.objects.create(guia=guia, para="fechada@cliente.example")
    contato = Contato.objects.create(empresa=b, email="zebra@cliente.example", nome=SEGREDO)
    da_receita = _da_receita(b, credencial, ana)
    darf = Darf(
        empresa=b,
        receita="8109",
        extensao="02",
        tipo_pa="ME",
        periodo="10/2026",
        competencia=COMPETENCIA,
        vencimento=date(2026, 11, 25),
        consolidacao=date(2026, 11, 25),
        valor=Decimal("100.00"),
        observacao=SEGREDO,
        criado_por=ana,
    )
    darf.nomear()
    darf.save()
    DeclaracaoDctfweb.objects.create(empresa=b, competencia=COMPETENCIA)
    DeclaracaoDctfweb.objects.create(empresa=b, competencia=COMPETENCIA, categoria=46, identificador=SEGREDO)
    ApuracaoMit.objects.create(empresa=b, competencia=COMPETENCIA, pendencias=[SEGREDO])
    conta = ContaSofthouse.objects.create(nome="Conta do escritório", token=b"selado")
    canal = CanalNfse.objects.create(codigo=901, empresa=b, tipo=TipoCanal.INTEGRANOTAS, conta=conta, serie="1")
    sisgenfe = CanalNfse.objects.create(codigo=902, empresa=b, tipo=TipoCanal.SISGENFE, usuario=SEGREDO)
    nacional = CanalNfse.objects.create(codigo=904, empresa=b, tipo=TipoCanal.NACIONAL, serie="1")
    regra_canal = RegraCanal.objects.create(empresa=b, canal=TipoCanal.NACIONAL, desde=COMPETENCIA, fundamento=SEGREDO)
    contrato = criar_contrato(b)
    recebida = NotaRecebida.objects.create(
        empresa=b, canal=canal, chave="1" * 50, prestador_nome=SEGREDO, competencia=COMPETENCIA, xml=documento
    )
    nota = criar_nota(canal, ana, contrato.tomador, observacao=SEGREDO)
    conta_erp = ContaErp.objects.create(
        codigo=903, nome="Datasul", base="http://127.0.0.1:9", empresa="001", estabelecimento="100", portador="1"
    )
    # A supplier is of the office, not of an empresa: who may consult sees it.
    fornecedor = Fornecedor.objects.create(conta=conta_erp, codigo=95, nome="Gráfica")
    regra = RegraTitulo.objects.create(conta=conta_erp, origem="das", especie="IM")
    imposto = RegraImposto.objects.create(conta=conta_erp, retencao="irrf", imposto="10", classificacao="1708")
    estabelecimento = EstabelecimentoErp.objects.create(
        empresa=b, conta=conta_erp, empresa_erp="001", estabelecimento="100"
    )
    titulo = titulos.aberto(b, fornecedor, titulo_no_banco=SEGREDO)
    pagamento = titulos.pagamento([titulo])
    lote = titulos.lote([titulo])
    importacao = Importacao.objects.create(
        tipo="empresas", usuario=ana, nome_arquivo=f"{SEGREDO}.csv", conteudo=b"x", situacao="conferida"
    )
    return Mundo(
        a,
        b,
        {
            "empresas:pk": b.pk,
            "empresas:importacao:pk": importacao.pk,
            "empresas:confirmar_importacao:pk": importacao.pk,
            "empresas:recusadas:pk": importacao.pk,
            "credenciais:codigo": credencial.codigo,
            "janela:codigo": credencial.codigo,
            "janela:empresa": b.pk,
            "janela:pk": gravacao.pk,
            "guias:pk": apuracao.pk,
            **{f"guias:{nome}:pk": guia.pk for nome in ("extrato", "entregas", "examinar")},
            ":ficha": leitura.ficha(entrega.pk),
            "empresas:contato": contato.pk,
            "guias:extrato:pk": guia.pk,
            "guias:guia:pk": guia.pk,
            "guias:pagamento:pk": guia.pk,
            "guias:comprovante:pk": guia.pk,
            "guias:especie": "avulso",
            "guias:acao": "transmitir",
            "guias:o_que": "das",
            "guias:parcelamentos_agir:o_que": "emitir",
            "guias:familia": "parcsn",
            "guias:mei_ver:pk": b.pk,
            "guias:parcelamento:pk": b.pk,
            "guias:tipo": "receitas",
            "guias:pedir:acao": "situacao-fiscal",
            **{f"guias:{nome}:pk": da_receita["mensagem"] for nome in ("mensagem", "abrir_mensagem")},
            **{
                f"guias:{nome}:pk": b.pk
                for nome in ("na_receita", "defis", "resolucao", "ano", "consultar_ano", "declaracao", "extrato_do_das")
            },
            "guias:ano": timezone.localdate().year,
            "guias:defis:ano": timezone.localdate().year - 1,
            "guias:documentos_da_defis:pk": da_receita["defis"],
            "guias:demonstrativo:pk": da_receita["opcao"],
            "guias:comprovante_da_renuncia:pk": da_receita["renuncia"],
            **{f"guias:{nome}:pk": darf.pk for nome in ("darf", "darf_outra_via")},
            "guias:dctfweb_agir:acao": "dctfweb_xml",
            "guias:mit_agir:acao": "mit_encerrar",
            **{f"guias:{nome}:pk": b.pk for nome in ("mit_ano", "mit_mes")},
            "guias:mit_mes:mes": "202610",
            "nfse:tomador:pk": contrato.tomador_id,
            "nfse:tomador_alterar:pk": contrato.tomador_id,
            "nfse:servico:pk": contrato.servico_id,
            "nfse:servico_alterar:pk": contrato.servico_id,
            "nfse:contrato:pk": contrato.pk,
            "nfse:contrato_alterar:pk": contrato.pk,
            "operacoes:pk": operacao.pk,
            "operacoes:processamento:pk": processamento.pk,
            "operacoes:acesso": credencial.acesso,
            "operacoes:servico": "integra_contador",
            "custos:pk": consumo.pk,
            "arquivo:pk": documento.pk,
            "nfse:codigo": canal.codigo,
            "nfse:canal_cadastros:codigo": sisgenfe.codigo,
            "nfse:canal_atualizar_cadastros:codigo": sisgenfe.codigo,
            "nfse:canal_consultas:codigo": sisgenfe.codigo,
            "nfse:canal_ler_consulta:codigo": sisgenfe.codigo,
            "nfse:canal_ler_convenios:codigo": nacional.codigo,
            "nfse:regra_data:pk": regra_canal.pk,
            "nfse:recebida:pk": recebida.pk,
            "nfse:pk": conta.pk,
            **{f"nfse:{nome}:pk": nota.pk for nome in DE_UMA_NOTA},
            "pagar:pk": titulo.pk,
            "pagar:movimento": titulo.movimentos.get().pk,
            "pagar:acao": "enviar",
            "pagar:lote:pk": lote.pk,
            **{f"pagar:{nome}:pk": pagamento.pk for nome in ("pagamento", "pagamento_retorno")},
            "pagar:codigo": conta_erp.codigo,
            "pagar:fornecedor": fornecedor.pk,
            **{f"pagar:{nome}:pk": regra.pk for nome in ("regra", "regra_excluir")},
            **{f"pagar:{nome}:pk": imposto.pk for nome in ("imposto", "imposto_excluir")},
            **{f"pagar:{nome}:pk": estabelecimento.pk for nome in ("estabelecimento", "estabelecimento_excluir")},
            "nfse:acao": "emitir",
            "nfse:formato": "zip",
            "nfse:endereco": conta.endereco,
        },
    )


def _da_receita(empresa: Empresa, credencial: Credencial, ana: Usuario) -> dict[str, int]:
    """What the Receita told about an empresa, by kind."""
    agora, ano = timezone.now(), timezone.localdate().year
    mensagem = MensagemEcac.objects.create(
        empresa=empresa, isn="0000000001", assunto=SEGREDO, corpo=SEGREDO, enviada_em=agora, aberta_em=agora
    )
    RascunhoDefis.objects.create(empresa=empresa, ano=ano - 1, alterado_por=ana)
    defis = DeclaracaoDefis.objects.create(empresa=empresa, ano=ano - 1, numero="000000002025001")
    opcao = OpcaoRegime.objects.create(empresa=empresa, ano=ano, regime="CAIXA")
    renuncia = Renuncia.objects.create(empresa=empresa, credencial=credencial, numero=1, feita_em=agora)
    return {"mensagem": mensagem.pk, "defis": defis.pk, "opcao": opcao.pk, "renuncia": renuncia.pk}


def _endereco(mundo: Mundo, espaco: str, nome: str, parametros: list[str]) -> str:
    if nome == "favicon":
        return "/favicon.ico"
    kwargs = {}
    for parametro in parametros:
        exato, geral = f"{espaco}:{nome}:{parametro}", f"{espaco}:{parametro}"
        chave = exato if exato in mundo.chaves else geral
        assert chave in mundo.chaves, f"say in Mundo.chaves which record {exato} means"
        kwargs[parametro] = mundo.chaves[chave]
    return reverse(f"{espaco}:{nome}" if espaco else nome, kwargs=kwargs)


def _cliente(usuario: Usuario | None) -> Client:
    cache.clear()
    cliente = Client(raise_request_exception=True)
    if usuario is not None:
        cliente.force_login(usuario)
    return cliente


def _mostra(resposta: Any, empresa: Empresa) -> bool:
    corpo = b"".join(resposta.streaming_content) if resposta.streaming else resposta.content
    texto = corpo.decode("utf-8", "replace")
    return any(sinal in texto for sinal in (SEGREDO, empresa.documento, empresa.documento_mascarado))


def test_a_stranger_is_sent_to_the_log_in(mundo: Mundo) -> None:
    for espaco, nome, parametros in URLS:
        endereco = _endereco(mundo, espaco, nome, parametros)
        resposta = _cliente(None).get(endereco)
        if nome in PUBLICAS:
            assert resposta.status_code in (200, 301, 405), endereco
        else:
            assert resposta.status_code == 302, endereco
            assert resposta["Location"].startswith("/entrar/"), endereco


@pytest.mark.parametrize("quem", ["bruno", "carla"])
def test_another_carteiras_empresa_shows_nowhere(mundo: Mundo, quem: str, request: pytest.FixtureRequest) -> None:
    cliente = _cliente(request.getfixturevalue(quem))
    for espaco, nome, parametros in URLS:
        endereco = _endereco(mundo, espaco, nome, parametros)
        for cabecalhos in ({}, {"HX-Request": "true"}):
            resposta = cliente.get(endereco, {"competencia": "10/2026", "q": SEGREDO[:5]}, headers=cabecalhos)
            assert resposta.status_code < 500, endereco
            assert not _mostra(resposta, mundo.b), f"{endereco} shows it to {quem}"


@pytest.mark.parametrize("quem", ["bruno", "carla"])
def test_records_of_another_carteira_do_not_exist(mundo: Mundo, quem: str, request: pytest.FixtureRequest) -> None:
    cliente = _cliente(request.getfixturevalue(quem))
    for espaco, nome, parametros in URLS:
        de_uma = {"pk", "empresa"} & set(parametros) or (espaco == "nfse" and "codigo" in parametros)
        if not de_uma or nome in ("gravacao", "desfazer"):
            continue
        endereco = _endereco(mundo, espaco, nome, parametros)
        assert cliente.get(endereco).status_code in (403, 404, 405), endereco
        assert cliente.post(endereco, {"aconteceu": "1"}).status_code in (403, 404, 405), endereco


@lru_cache
def _comando_de_tudo() -> tuple[str, int]:
    """One statement of every row that refers to an empresa, and how many times it asks for it."""
    colunas = [(Empresa._meta.db_table, "id")] + [
        (model._meta.db_table, campo.column)
        for model in apps.get_models()
        for campo in model._meta.concrete_fields
        if campo.related_model is Empresa
    ]
    comando = " UNION ALL ".join(
        f'SELECT \'{tabela}.{coluna}\', array_agg(t::text ORDER BY t::text) FROM "{tabela}" t WHERE "{coluna}" = %s'
        for tabela, coluna in colunas
    )
    return comando, len(colunas)


def _tudo_de(empresa: Empresa) -> dict[str, list[str]]:
    """The empresa and every row that refers to it: planned once, since it is looked at after every URL."""
    comando, vezes = _comando_de_tudo()
    with cursor_preparado() as cursor:
        cursor.execute(comando, [empresa.pk] * vezes)
        return dict(cursor.fetchall())


@pytest.mark.parametrize("quem", ["bruno", "carla"])
@pytest.mark.parametrize("selecao", ["ids", "todos", "todas"])
def test_the_ids_of_another_carteira_sent_to_any_url_do_nothing_to_it(
    mundo: Mundo, quem: str, selecao: str, request: pytest.FixtureRequest
) -> None:
    cliente = _cliente(request.getfixturevalue(quem))
    b, numeros = mundo.b, [chave for chave in mundo.chaves.values() if isinstance(chave, int)]
    dados: dict[str, Any] = {
        "ids": [mundo.a.pk, *numeros],
        "empresa": b.pk,
        "empresas": [b.pk],
        "e": [b.pk],
        f"v-{b.pk}-1": "10,00",
        "diferente": [b.pk],
        "matriz": b.pk,
        "carteira": Carteira.objects.get(usuarios__username="bruno").pk,
        "servicos": ["das"],
        "autor": Autor.CONTRATANTE.value,
        "competencia": "10/2026",
        "intencao": "0" * 16,
        "confirmado": "1",
        "formato": "csv",
        "acesso": mundo.chaves["operacoes:acesso"],
    } | ({"todos": "1", "filtro": f"q={SEGREDO[:5]}"} if selecao == "todos" else {})
    antes = _tudo_de(b)
    for espaco, nome, parametros in URLS:
        if nome in PUBLICAS or nome in ("sair", "password_change"):
            continue
        if quem == "carla" and selecao != "ids" and f"{espaco}:{nome}" not in LEITURA_POR_POST:
            continue  # refused before the selection is read, as the walk with `ids` has seen
        endereco = _endereco(mundo, espaco, nome, parametros) + ("?todas=1" if selecao == "todas" else "")
        resposta = cliente.post(endereco, dados, follow=True)
        assert resposta.status_code < 500, endereco
        assert not _mostra(resposta, b), f"{endereco} shows it to {quem}"
        assert _tudo_de(b) == antes, f"{endereco} changed it for {quem}"


def _retrato() -> dict[str, list[Any]]:
    """Everything the product keeps, except sessions and log-in attempts."""
    alheios = {"sessions", "axes", "admin", "contenttypes", "auth", "procrastinate"}
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values_list())
        for model in apps.get_models()
        if model._meta.app_label not in alheios and model is not Usuario
    }


def test_who_only_consults_writes_nothing_by_any_url(mundo: Mundo, carla: Usuario) -> None:
    cliente = _cliente(carla)
    a = mundo.a
    dados = {
        "ids": [a.pk],
        "todos": "1",
        "empresa": a.pk,
        "empresas": [a.pk],
        "servicos": ["das"],
        "competencia": "10/2026",
    }
    antes, leram = _retrato(), set()
    for espaco, nome, parametros in URLS:
        if nome in POST_DE_QUALQUER_UM or nome in PUBLICAS:
            continue
        endereco = _endereco(mundo, espaco, nome, parametros)
        if cliente.post(endereco, dados).status_code not in (403, 404, 405):
            leram.add(f"{espaco}:{nome}")
    assert leram == LEITURA_POR_POST
    assert _retrato() == antes


# Attributes by which a page sends something.
_ENVIO = re.compile(r"""(?:hx-post|formaction)="([^"]+)"|<form\b[^>]*\bmethod="post"[^>]*>""", re.IGNORECASE)
_ACAO = re.compile(r"""\baction="([^"]*)\"""")
_LINK = re.compile(r"""<a\b[^>]*\bhref="([^"#]+)\"""")


def _oferecidos(pagina: str, endereco: str) -> tuple[set[str], set[str]]:
    """Addresses a page links to, and those it offers to send to."""
    links = {urljoin(endereco, html.unescape(link)) for link in _LINK.findall(pagina)}
    envios = set()
    for achado in _ENVIO.finditer(pagina):
        acao = _ACAO.search(achado[0])
        envios.add(urljoin(endereco, html.unescape(achado[1] or (acao[1] if acao else ""))))
    return {link for link in links if link.startswith("/") and not link.startswith("/static/")}, envios


def test_who_only_consults_is_offered_nothing_that_is_refused(mundo: Mundo, carla: Usuario) -> None:
    """On every page that opens for Carla, links open and what can be sent is taken."""
    cliente = _cliente(carla)
    Empresa.objects.filter(pk=mundo.b.pk).update(carteira=mundo.a.carteira)  # now every record is within her sight
    recusados: list[tuple[str, str]] = []
    vistos: set[str] = set()
    for espaco, nome, parametros in URLS:
        endereco = _endereco(mundo, espaco, nome, parametros)
        resposta = cliente.get(endereco, {"competencia": "10/2026"}) if nome not in ("sair", "favicon") else None
        if resposta is None or resposta.status_code != 200 or "html" not in resposta["Content-Type"]:
            continue
        links, envios = _oferecidos(resposta.content.decode(), endereco)
        recusados += [(endereco, link) for link in links - vistos if cliente.get(link).status_code in (403, 404)]
        recusados += [(endereco, envio) for envio in envios if cliente.post(envio).status_code == 403]
        vistos |= links
    assert not recusados


NADA: dict[str, Any] = {}
DISPARATES = {"ids": ["x", "-1", "9" * 30], "empresa": "x", "competencia": "13/2026", "valor": "x", "q": "x"}
NULOS = dict.fromkeys(["ids", "empresa", "empresas", "competencia", "valor", "q", "filtro", "lista", "next"], "1\x00")


def test_nonsense_sent_to_any_url_is_answered_without_a_crash(mundo: Mundo, ana: Usuario) -> None:
    """By who may do everything, so that nothing is turned away before it is read."""
    cliente = _cliente(ana)
    for espaco, nome, parametros in URLS:
        if nome in ("sair", "favicon", "password_change"):
            continue
        endereco = _endereco(mundo, espaco, nome, parametros)
        for dados in (NADA, DISPARATES, NULOS):
            assert cliente.post(endereco, dados).status_code < 500, endereco  # multipart
            assert cliente.get(endereco, dados).status_code < 500, endereco
        # The other encoding is decoded alike, but for what it lets through to be decoded.
        urlencoded = urlencode(NULOS, doseq=True)
        urlencoded_type = "application/x-www-form-urlencoded"
        assert cliente.post(endereco, urlencoded, content_type=urlencoded_type).status_code < 500, endereco


def test_unknown_records_are_a_404(mundo: Mundo, ana: Usuario) -> None:
    cliente = _cliente(ana)
    inexistentes = {chave: uuid.uuid4() if isinstance(v, uuid.UUID) else 987654 for chave, v in mundo.chaves.items()}
    mundo.chaves = {c: v if not isinstance(mundo.chaves[c], str) else mundo.chaves[c] for c, v in inexistentes.items()}
    for espaco, nome, parametros in URLS:
        if {"pk", "codigo", "empresa"} & set(parametros):
            endereco = _endereco(mundo, espaco, nome, parametros)
            assert cliente.get(endereco).status_code in (404, 405), endereco


def test_without_the_add_on_its_functions_say_what_is_missing(mundo: Mundo, ana: Usuario) -> None:
    Adicional.objects.update(ativo=False)
    cliente = _cliente(ana)
    for espaco, nome, parametros in URLS:
        if espaco in ("credenciais", "janela", "guias"):
            endereco = _endereco(mundo, espaco, nome, parametros)
            resposta = cliente.get(endereco)
            assert resposta.status_code == 403, endereco
            assert "216" in resposta.content.decode(), endereco
            assert cliente.post(endereco, {}).status_code == 403, endereco
