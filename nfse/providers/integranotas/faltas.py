"""What keeps a note from being sent: what it lacks, and what does not fit the service's fields."""

from collections.abc import Iterator, Mapping
from typing import Any

from nfse.providers.integranotas.erros import com_pontos
from nfse.providers.integranotas.valores import cabe, sem_marcas
from nfse.providers.interface import Emissao, Item, Pessoa, Problema

MOTIVO_MINIMO, MOTIVO_MAXIMO = 15, 80

# path in the body, its name for people, most characters
_MAXIMOS = (
    ("numero", "Número do RPS", 9),
    ("serie", "Série do RPS", 5),
    ("informacoes_complementares", "Observação", 2000),
    ("tomador.razao_social", "Nome do tomador", 75),
    ("tomador.email", "E-mail do tomador", 60),
    ("tomador.endereco.logradouro", "Logradouro do tomador", 50),
    ("tomador.endereco.numero", "Número do endereço do tomador", 10),
    ("tomador.endereco.complemento", "Complemento do endereço do tomador", 30),
    ("tomador.endereco.bairro", "Bairro do tomador", 30),
    ("intermediario.razao_social", "Nome do intermediário", 75),
    ("servico.discriminacao", "Discriminação do serviço", 2000),
    ("servico.itens.discriminacao", "Discriminação do serviço", 2000),
)
_EXATOS = (
    ("tomador.endereco.codigo_municipio", "Município do tomador (código IBGE)", 7),
    ("tomador.endereco.uf", "UF do tomador", 2),
    ("tomador.endereco.cep", "CEP do tomador", 8),
    ("servico.codigo_municipio", "Município do serviço (código IBGE)", 7),
    ("servico.codigo_municipio_prestacao", "Município da prestação (código IBGE)", 7),
    ("servico.endereco_local_prestacao.codigo_municipio", "Município do serviço (código IBGE)", 7),
    ("servico.endereco_local_prestacao.codigo_municipio_prestacao", "Município da prestação (código IBGE)", 7),
    ("servico.codigo_nbs", "Código NBS", 9),
    ("servico.itens.codigo_nbs", "Código NBS", 9),
)


def faltas(nota: Emissao, versao: int) -> Iterator[Problema]:
    """What no town does without, and what has no field in this API."""
    if nota.numero is None or nota.numero < 1:
        yield Problema("numero", "A nota está sem número de RPS.")
    if not nota.serie.strip():
        yield Problema("serie", "A nota está sem série de RPS.")
    yield from _sem_documento("tomador", "O tomador", nota.tomador)
    if nota.intermediario is not None:
        yield from _sem_documento("intermediario", "O intermediário", nota.intermediario)
    if nota.tomador.endereco is not None and nota.tomador.endereco.pais != "BR":
        yield Problema("tomador.endereco", "O endereço do tomador é fora do Brasil, o que este canal não aceita.")
    if not nota.itens:
        yield Problema("servico", "A nota está sem serviço.")
    for item in nota.itens:
        yield from _do_item(item, versao)
    if versao == 2:
        yield from _faltas_v2(nota)


def _sem_documento(campo: str, quem: str, pessoa: Pessoa) -> Iterator[Problema]:
    if len(sem_marcas(pessoa.documento)) not in (11, 14):
        yield Problema(campo, f"{quem} precisa de CPF (11 caracteres) ou CNPJ (14): este canal não emite sem ele.")


def _do_item(item: Item, versao: int) -> Iterator[Problema]:
    if item.valor <= 0:
        yield Problema("servico.valor_servicos", "O valor do serviço precisa ser maior que zero.")
    retidos = item.retencoes
    outros = (item.desconto, item.deducao, item.aliquota, *(valor for _, valor in retidos.outras))
    if any(
        valor and valor < 0 for valor in (*outros, retidos.pis, retidos.cofins, retidos.csll, retidos.ir, retidos.inss)
    ):
        yield Problema("servico", "Descontos, deduções, alíquotas e retenções não podem ser negativos.")
    if item.base is not None and item.base < 0:
        maior = "desconto" if item.desconto > (item.deducao or 0) else "deducao"
        yield Problema(f"servico.{maior}", "Deduções e descontos passam do valor do serviço.")
    if versao == 1 and item.unidade.strip() and (texto := falta_da_unidade(item)):
        yield Problema("servico.itens.unidade_valor", texto)


def falta_da_unidade(item: Item) -> str:
    """Why quantity and unit price cannot be written, in words; empty when they can."""
    if cabe(item.quantidade, 4) and cabe(item.valor_unitario, 2):
        return ""
    return "A quantidade vai com até 4 casas decimais e o valor unitário com 2: arredonde-os ou tire a unidade."


def _faltas_v2(nota: Emissao) -> Iterator[Problema]:
    if len(nota.itens) > 1:
        yield Problema(
            "servico",
            f"A nota nacional leva um só serviço, e esta tem {len(nota.itens)}: junte-os ou emita uma por um.",
        )
    for item in nota.itens[:1]:
        if not item.codigo.strip():
            yield Problema("servico.codigo", "O serviço está sem o código de tributação nacional.")
        if item.deducao:
            yield Problema("servico", "A dedução da base não tem campo na versão nacional deste canal.")


def tamanhos(corpo: Mapping[str, Any]) -> Iterator[Problema]:
    for caminho, nome, maximo in _MAXIMOS:
        for campo, texto in _textos(corpo, caminho):
            if len(texto) > maximo:
                yield Problema(
                    campo, f"{nome}: {com_pontos(len(texto))} caracteres, e o limite é {com_pontos(maximo)}."
                )
    for caminho, nome, exato in _EXATOS:
        for campo, texto in _textos(corpo, caminho):
            if len(texto) != exato:
                yield Problema(campo, f"{nome}: {com_pontos(len(texto))} caracteres, e são {exato}.")


def _textos(corpo: Mapping[str, Any], caminho: str, antes: str = "") -> Iterator[tuple[str, str]]:
    """The texts found at a dotted path, through lists, each with its own path."""
    nome, _, resto = caminho.partition(".")
    valor, campo = corpo.get(nome), f"{antes}{nome}"
    if isinstance(valor, str) and not resto:
        yield campo, valor
    elif isinstance(valor, Mapping) and resto:
        yield from _textos(valor, resto, f"{campo}.")
    elif isinstance(valor, list) and resto:
        for posicao, item in enumerate(valor):
            yield from _textos(item, resto, f"{campo}.{posicao}.")


def faltas_do_motivo(codigo: str, motivo: str) -> list[Problema]:
    problemas, quantos = [], len(motivo.strip())
    if not codigo.strip():
        problemas.append(Problema("codigo_cancelamento", "Falta o código do motivo do cancelamento."))
    if not MOTIVO_MINIMO <= quantos <= MOTIVO_MAXIMO:
        problemas.append(
            Problema(
                "motivo_cancelamento",
                f"Motivo do cancelamento: {com_pontos(quantos)} caracteres, e são de {MOTIVO_MINIMO} a "
                f"{MOTIVO_MAXIMO}.",
            )
        )
    return problemas
