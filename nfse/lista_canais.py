"""The lists of this app: what can be searched, filtered, sorted and exported."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import F, Q
from django.http import QueryDict
from django.utils import timezone

from comum.documentos import mascarar
from comum.listas import Filtro, Lista
from comum.models import Usuario
from comum.planilhas import Celula
from empresas.listas import filtro_de_carteira
from empresas.models import Empresa
from empresas.models.cadastro import sem_pontuacao
from empresas.municipios import UFS
from nfse.models import CanalNfse, TipoCanal
from nfse.models.canais import CanalQuerySet

VENCE_EM = timedelta(days=30)
_TESTES = {
    "ok": Q(testado_em__isnull=False, teste_ok=True, alterado_em__lte=F("testado_em")),
    "falhou": Q(testado_em__isnull=False, teste_ok=False),
    "alterado": Q(testado_em__isnull=False, alterado_em__gt=F("testado_em")),
    "nunca": Q(testado_em__isnull=True),
}


def lista_de_canais(params: QueryDict, usuario: Usuario, empresa: Empresa | None = None) -> Lista[CanalQuerySet]:
    """The canais of the empresas that exist for the user; of one empresa where the top bar chose it."""
    base = CanalNfse.objects.visiveis(usuario)
    if empresa is not None:
        base = base.filter(empresa=empresa)
    return Lista(
        params=params,
        base=base.select_related("empresa__municipio", "certificado", "testado_por"),
        ordens={
            "codigo": ["codigo"],
            "empresa": ["empresa__ordem"],
            "tipo": ["tipo", "empresa__ordem"],
            "teste": ["testado_em"],
        },
        ordem_padrao="empresa",
        procurar=procurar,
        filtros=_filtros(usuario),
    )


def procurar(consulta: CanalQuerySet, texto: str) -> CanalQuerySet:
    """Every word occurs in the empresa's code, names or document; a lone number also finds the canal of that code."""
    palavras = [palavra for parte in texto.split() if (palavra := sem_pontuacao(parte))]
    achado = Q(pk=None)
    if palavras:
        achado = Q()
        for palavra in palavras:
            achado &= Q(empresa__busca__contains=palavra)
    if texto.isdecimal() and len(texto) < 9:
        achado |= Q(codigo=int(texto))
    return consulta.filter(achado)


def _filtros(usuario: Usuario) -> list[Filtro]:
    return [
        Filtro("tipo", "Serviço", lambda consulta, valor: consulta.filter(tipo=valor), TipoCanal.choices),
        Filtro(
            "situacao",
            "Situação",
            lambda consulta, valor: consulta.filter(ativo=valor == "ativo"),
            [("ativo", "Ativos"), ("inativo", "Inativos")],
        ),
        Filtro(
            "teste",
            "Último teste",
            lambda consulta, valor: consulta.filter(_TESTES[valor]),
            [
                ("ok", "Conectou"),
                ("falhou", "Não conectou"),
                ("alterado", "Alterado depois do teste"),
                ("nunca", "Nunca testado"),
            ],
        ),
        Filtro(
            "certificado",
            "Certificado",
            lambda consulta, valor: consulta.filter(certificado__valido_ate__lte=timezone.now() + VENCE_EM),
            [("vence", "Vencido ou vence em 30 dias")],
        ),
        Filtro(
            "uf", "UF", lambda consulta, valor: consulta.filter(empresa__municipio__uf=valor), [(u, u) for u in UFS]
        ),
        filtro_de_carteira(usuario, "empresa__carteira"),
    ]


CABECALHO_CANAIS = [
    "Código", "Serviço", "Código da empresa", "CNPJ ou CPF", "Empresa", "Município", "Ativo", "Série",
    "Próximo número", "Certificado até", "Testado em", "Resultado do teste", "Cadastros lidos em",
]  # fmt: skip


def canais_exportados(canais: CanalQuerySet) -> Iterator[tuple[Celula, ...]]:
    """Rows under CABECALHO_CANAIS, streamed. No secret is among them, nor whether there is one."""
    for canal in canais.select_related("empresa__municipio", "certificado").iterator(chunk_size=2000):
        empresa = canal.empresa
        yield (
            canal.codigo,
            str(canal.get_tipo_display()),
            empresa.codigo,
            mascarar(empresa.documento),
            empresa.razao_social,
            str(empresa.municipio or ""),
            canal.ativo,
            canal.serie if canal.numera else "",
            canal.proximo_numero if canal.numera else "",
            timezone.localtime(canal.certificado.valido_ate).date() if canal.certificado else "",
            timezone.localtime(canal.testado_em) if canal.testado_em else "",
            canal.teste_resultado,
            timezone.localtime(canal.referencias_em) if canal.referencias_em else "",
        )
