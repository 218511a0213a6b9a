"""The documented paths of the four services, below one base."""

from django.urls import URLPattern, path, re_path

from sandbox.nacional import catalogo, porta
from sandbox.nacional.porta import Rota, view
from sandbox.nacional.respostas import ADN, PARAMETROS, SEFIN

_EVENTOS = "SefinNacional/nfse/<str:chave>/eventos"
_MUNICIPIO = "parametrizacao/<str:municipio>"
_SERVICO = f"{_MUNICIPIO}/<str:servico>"

_ROTAS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("SefinNacional/nfse", SEFIN, {"POST": catalogo.EMITIR}),
    ("SefinNacional/nfse/<str:chave>", SEFIN, {"GET": catalogo.CONSULTAR_NFSE}),
    ("SefinNacional/dps/<str:id_dps>", SEFIN, {"GET": catalogo.CONSULTAR_DPS, "HEAD": catalogo.VERIFICAR_DPS}),
    (_EVENTOS, SEFIN, {"POST": catalogo.REGISTRAR_EVENTO, "GET": catalogo.CONSULTAR_EVENTO}),
    (f"{_EVENTOS}/<str:tipo>", SEFIN, {"GET": catalogo.CONSULTAR_EVENTO}),
    (f"{_EVENTOS}/<str:tipo>/<int:sequencia>", SEFIN, {"GET": catalogo.CONSULTAR_EVENTO}),
    ("SefinNacional/decisao-judicial/nfse", SEFIN, {"POST": catalogo.DECISAO_JUDICIAL}),
    ("contribuintes/DFe/<str:nsu>", ADN, {"GET": catalogo.DISTRIBUIR}),
    ("contribuintes/NFSe/<str:chave>/Eventos", ADN, {"GET": catalogo.EVENTOS_DA_NFSE}),
    (f"{_MUNICIPIO}/convenio", PARAMETROS, {"GET": catalogo.CONVENIO}),
    (f"{_SERVICO}/historicoaliquotas", PARAMETROS, {"GET": catalogo.HISTORICO}),
    (f"{_MUNICIPIO}/<str:competencia>/retencoes", PARAMETROS, {"GET": catalogo.RETENCOES}),
    (f"{_SERVICO}/<str:competencia>/aliquota", PARAMETROS, {"GET": catalogo.ALIQUOTA}),
    (f"{_SERVICO}/<str:competencia>/regimes_especiais", PARAMETROS, {"GET": catalogo.REGIMES}),
    (f"{_MUNICIPIO}/<str:beneficio>/<str:competencia>/beneficio", PARAMETROS, {"GET": catalogo.BENEFICIO}),
    ("danfse/<str:chave>", PARAMETROS, {"GET": catalogo.DANFSE}),
)

urlpatterns: list[URLPattern] = [
    *(path(rota, view(Rota(f"/{rota}", familia, operacoes))) for rota, familia, operacoes in _ROTAS),
    re_path(
        r"^SefinNacional/(?:DANFSe|ParametrosMunicipais|parametros_municipais)(?:/.*)?$",
        view(Rota("/SefinNacional/DANFSe", SEFIN, {"GET": catalogo.MUDADA})),
    ),
    re_path(r"^(?:SefinNacional|contribuintes|parametrizacao|danfse)(?:/.*)?$", porta.inexistente),
]
