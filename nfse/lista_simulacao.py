"""The list of *Simular data*: the empresas whose service changes between two competências."""

from collections.abc import Callable, Iterator

from django.http import QueryDict

from comum.documentos import mascarar
from comum.formatos import format_competencia
from comum.listas import Filtro, Lista
from comum.models import Usuario
from comum.planilhas import Celula
from empresas.listas import filtro_de_carteira
from empresas.models import Empresa, Municipio, Regime
from empresas.models.cadastro import EmpresaQuerySet
from empresas.municipios import UFS
from nfse.models import TipoCanal
from nfse.services.simulacao import NENHUM, PENDENCIAS, VARIOS, Datas, Simulacao, Situacao

MUDAM, FALTAM, TODAS = "mudam", "faltam", "todas"
_ONDE = [*TipoCanal.choices, (NENHUM, "Nenhum canal"), (VARIOS, "Mais de um ativo")]


def empresas_da_simulacao(usuario: Usuario, empresa: Empresa | None) -> EmpresaQuerySet:
    """The active ones that exist for the user; the one of the top bar, where one is chosen."""
    ativas = Empresa.objects.visiveis(usuario).filter(ativa=True)
    return ativas if empresa is None else ativas.filter(pk=empresa.pk)


def lista_da_simulacao(
    params: QueryDict, usuario: Usuario, empresa: Empresa | None, simulacao: Simulacao
) -> Lista[EmpresaQuerySet]:
    base = empresas_da_simulacao(usuario, empresa)
    situacoes, datas = simulacao.situacoes, simulacao.datas

    def em(serve: Callable[[Situacao, str], bool]) -> Callable[[EmpresaQuerySet, str], EmpresaQuerySet]:
        return lambda consulta, valor: consulta.filter(
            pk__in=[pk for pk, uma in situacoes.items() if serve(uma, valor)]
        )

    if params.get("aba") != TODAS:
        so_faltam = params.get("aba") == FALTAM
        base = base.filter(pk__in=[pk for pk in simulacao.mudam if not (so_faltam and situacoes[pk].pronta)])
    de, para = format_competencia(datas.de), format_competencia(datas.para)
    return Lista(
        params=params,
        base=base,
        ordens={"codigo": ["codigo_ordem"], "empresa": ["ordem"]},
        ordem_padrao="empresa",
        procurar=EmpresaQuerySet.procurar,
        filtros=[
            Filtro("antes", f"Canal em {de}", em(lambda uma, valor: uma.antes.onde == valor), _ONDE),
            Filtro("depois", f"Canal em {para}", em(lambda uma, valor: uma.depois.onde == valor), _ONDE),
            Filtro(
                "falta",
                "O que falta",
                em(lambda uma, valor: uma.pendencia is not None and uma.pendencia.codigo == valor),
                list(PENDENCIAS.items()),
            ),
            Filtro("regime", f"Regime em {para}", em(lambda uma, valor: uma.regime == valor), Regime.choices),
            Filtro("uf", "UF", lambda consulta, valor: consulta.filter(municipio__uf=valor), [(uf, uf) for uf in UFS]),
            Filtro(
                "municipio",
                "Município",
                lambda consulta, valor: consulta.filter(municipio=valor),
                rotular=lambda valor: str(Municipio.objects.filter(pk=valor).first() or valor),
            ),
            filtro_de_carteira(usuario),
        ],
        leitura=Empresa.objects.visiveis(usuario).select_related("municipio").defer("busca"),
    )


def cabecalho(datas: Datas) -> list[str]:
    de, para = format_competencia(datas.de), format_competencia(datas.para)
    return [
        "Código da empresa", "CNPJ ou CPF", "Empresa", "Município", "Carteira", f"Regime em {para}", f"Canal em {de}",
        f"Por que em {de}", f"Canal em {para}", f"Por que em {para}", "Muda", "Pronta", "O que falta", "O que fazer",
    ]  # fmt: skip


def linhas_exportadas(empresas: EmpresaQuerySet, simulacao: Simulacao) -> Iterator[tuple[Celula, ...]]:
    """Rows under cabecalho(), streamed."""
    lidas = empresas.select_related("municipio", "carteira").defer("busca")
    for empresa in lidas.iterator(chunk_size=2000):
        uma = simulacao.situacoes.get(empresa.pk)
        if uma is None:
            continue  # included meanwhile
        falta = uma.pendencia
        yield (
            empresa.codigo,
            mascarar(empresa.documento),
            empresa.razao_social,
            str(empresa.municipio or ""),
            empresa.carteira.nome if empresa.carteira else "",
            uma.regime_nome,
            uma.antes.nome,
            uma.antes.por_que,
            uma.depois.nome,
            uma.depois.por_que,
            uma.muda,
            uma.pronta,
            falta.texto if falta else "",
            falta.acao if falta else "",
        )
