"""The list of kept documents: what can be searched, filtered, sorted and exported."""

from collections.abc import Iterator
from datetime import date

from django.http import QueryDict

from arquivo.models import Documento, DocumentoQuerySet
from comum.listas import Filtro, Lista
from comum.models import Usuario
from comum.planilhas import Celula
from empresas.listas import filtro_de_carteira
from empresas.models import Empresa

TODOS = "todos"  # the value of ?periodo= that shows every competência
CABECALHO = [
    "Tipo", "Arquivo", "Código da empresa", "Empresa", "CNPJ ou CPF", "Competência", "Número", "Chave", "Origem",
    "Tamanho (bytes)", "SHA-256", "Guardado em", "Guardar até", "Descartado em",
]  # fmt: skip


def lista_de_documentos(
    params: QueryDict, usuario: Usuario, empresa: Empresa | None, competencia: date
) -> Lista[DocumentoQuerySet]:
    """The documents that exist for the user, of one competência unless ?periodo=todos, of one empresa or of all;
    those discarded only where they are asked for."""
    visiveis = Documento.objects.visiveis(usuario)
    todos = params.get("periodo") == TODOS
    base = visiveis if params.get("situacao") == "descartados" else visiveis.guardados()
    base = base if todos else base.filter(competencia=competencia)
    ordens = {
        "guardado": ["criado_em"],
        "competencia": ["competencia", "criado_em"],
        "guarda": ["reter_ate"],
    }
    if not todos:  # of all the months these would sort every row there is
        ordens |= {"empresa": ["empresa__ordem", "criado_em"], "tipo": ["tipo", "criado_em"], "tamanho": ["tamanho"]}
    return Lista(
        params=params,
        base=base if empresa is None else base.filter(empresa=empresa),
        ordens=ordens,
        ordem_padrao="-guardado",
        procurar=DocumentoQuerySet.procurar,
        filtros=[
            Filtro("tipo", "Tipo", lambda consulta, valor: consulta.filter(tipo=valor), Documento.Tipo.choices),
            Filtro("origem", "Origem", lambda consulta, valor: consulta.filter(origem=valor), Documento.Origem.choices),
            Filtro("chave", "Chave", lambda consulta, valor: consulta.filter(chave=valor.replace(" ", ""))),
            Filtro("numero", "Número", lambda consulta, valor: consulta.filter(numero=valor)),
            Filtro(
                "situacao",
                "Situação",
                lambda consulta, valor: (
                    consulta.filter(descartado_em__isnull=False)
                    if valor == "descartados"
                    else consulta.filter(defeito__isnull=False, defeito__sanado_em__isnull=True)
                ),
                [("defeito", "Com defeito"), ("descartados", "Descartados depois do prazo")],
            ),
            *([] if empresa else [filtro_de_carteira(usuario, "empresa__carteira"), _filtro_de_empresa(usuario)]),
        ],
        fixos=["periodo"],
        leitura=visiveis.select_related("empresa").defer("busca", "empresa__busca"),
    )


def empresa_do_filtro(valor: str, usuario: Usuario) -> Empresa | None:
    numero = valor.isdecimal() and valor.isascii() and len(valor) < 19
    return Empresa.objects.visiveis(usuario).filter(pk=valor).first() if numero else None


def _filtro_de_empresa(usuario: Usuario) -> Filtro:
    def aplicar(consulta: DocumentoQuerySet, valor: str) -> DocumentoQuerySet:
        empresa = empresa_do_filtro(valor, usuario)
        return consulta.none() if empresa is None else consulta.filter(empresa=empresa)

    return Filtro("empresa", "Empresa", aplicar, rotular=lambda valor: str(empresa_do_filtro(valor, usuario) or valor))


def linhas_exportadas(documentos: DocumentoQuerySet) -> Iterator[tuple[Celula, ...]]:
    """Rows under CABECALHO, streamed."""
    for documento in documentos.select_related("empresa").defer("busca").iterator(chunk_size=2000):
        yield (
            documento.get_tipo_display(),
            documento.nome,
            documento.empresa.codigo,
            documento.empresa.razao_social,
            documento.empresa.documento_mascarado,
            documento.competencia,
            documento.numero,
            documento.chave,
            documento.get_origem_display(),
            documento.tamanho,
            documento.sha256,
            documento.criado_em,
            documento.reter_ate,
            documento.descartado_em,
        )
