"""The words that go with a guia: the office's own or the product's, with named fields in braces."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from comum import auditoria
from comum.formatos import format_data, format_dinheiro
from comum.models import Usuario
from guias import correio
from guias.models import Guia, MensagemEntrega

Tipo = MensagemEntrega.Tipo

# name of the field -> what it becomes, in words for the screen
CAMPOS = {
    "empresa": "razão social do cliente",
    "guia": "tipo da guia (DAS, DARF…)",
    "numero": "número do documento",
    "competencia": "mês ou período",
    "valor": "total a pagar",
    "vencimento": "último dia para pagar",
    "linha": "linha digitável, quando já se conhece",
    "link": "endereço pessoal da guia",
    "conferir": "página em que se confere se a guia é do escritório",
    "escritorio": "nome do remetente",
}
_SO_NO_CORPO = ("link", "linha", "conferir")
_CAMPO = re.compile(r"\{([^{}\n]*)\}")
SEM_LINHA = "veja no PDF"
DE_ENSAIO = "[SEM VALOR FISCAL] "  # what is rehearsed never looks like a guia to be paid

_ENTREGA = """\
Olá,

Segue a guia {guia} de {empresa}, competência {competencia}.

Valor: {valor}
Pagar até: {vencimento}
Linha digitável: {linha}

Abra a guia e confirme que a recebeu:
{link}

O PDF está em anexo. Na dúvida se uma guia é nossa, confira a linha digitável em {conferir} antes de pagar.

{escritorio}
"""
_LEMBRETE = """\
Olá,

A guia {guia} de {empresa}, competência {competencia}, é para pagar até {vencimento}, e ainda não vimos que tenha sido \
aberta.

Valor: {valor}
Linha digitável: {linha}

Abra a guia:
{link}

Se já pagou, desconsidere esta mensagem. Na dúvida se uma guia é nossa, confira em {conferir} antes de pagar.

{escritorio}
"""


@dataclass(frozen=True)
class Texto:
    assunto: str
    corpo: str
    ligada: bool = True


PADROES = {
    Tipo.ENTREGA: Texto("{guia} {competencia} de {empresa}: {valor} até {vencimento}", _ENTREGA),
    Tipo.LEMBRETE: Texto("Vence em {vencimento}: {guia} {competencia} de {empresa}", _LEMBRETE),
}


def texto_de(tipo: Tipo) -> Texto:
    """What is in force: the office's words, or the product's."""
    gravada = MensagemEntrega.objects.filter(tipo=tipo).first()
    return Texto(gravada.assunto, gravada.corpo, gravada.ligada) if gravada else PADROES[tipo]


def problemas(assunto: str, corpo: str) -> dict[str, str]:
    """What keeps a text from being used, by field (`assunto`, `corpo`), in pt-BR."""
    achados: dict[str, str] = {}
    for campo, texto in (("assunto", assunto), ("corpo", corpo)):
        if motivo := _problema(campo, texto):
            achados[campo] = motivo
    return achados


def _problema(campo: str, texto: str) -> str:
    usados = _CAMPO.findall(texto)
    if estranhos := [nome for nome in usados if nome not in CAMPOS]:
        return f"Campo desconhecido: {{{estranhos[0][:40]}}}. Use os da lista ao lado, escritos como estão lá."
    if re.search(r"[{}]", _CAMPO.sub("", texto)):
        return "Há uma chave { ou } sem o seu par. Cada campo é um nome entre as duas, como {valor}."
    if campo == "assunto":
        if fora := next((nome for nome in usados if nome in _SO_NO_CORPO), ""):
            return f"O campo {{{fora}}} não cabe no assunto. Deixe-o só no texto."
        return "O assunto é uma linha só. Tire as quebras." if "\n" in texto or "\r" in texto else ""
    if "link" not in usados:
        return "Falta o campo {link}: é por ele que o cliente abre a guia e o escritório sabe que ela foi lida."
    return ""


def preencher(texto: str, valores: Mapping[str, str]) -> str:
    """Every named field that has a value; the others stay for later."""
    return _CAMPO.sub(lambda achado: valores.get(achado.group(1), achado.group(0)), texto)


def valores_da_guia(guia: Guia) -> dict[str, str]:
    """What the fields are for one guia; `link` and `conferir` are of each message."""
    nome, endereco = correio.remetente()
    return {
        "empresa": guia.empresa.razao_social,
        "guia": guia.nome,
        "numero": guia.numero,
        "competencia": guia.do_periodo,
        "valor": format_dinheiro(guia.total),
        "vencimento": format_data(guia.limite),
        "linha": blocos(guia.linha) or SEM_LINHA,
        "escritorio": nome or endereco,
    }


def blocos(linha: str) -> str:
    """The line as it is printed: four blocks of twelve."""
    return " ".join(linha[i : i + 12] for i in range(0, len(linha), 12))


def escrever(tipo: Tipo, guia: Guia) -> Texto:
    """The message about one guia, all but `link` and `conferir` filled in."""
    texto, valores = texto_de(tipo), valores_da_guia(guia)
    return escrita(texto, valores)


def escrita(texto: Texto, valores: Mapping[str, str]) -> Texto:
    marca = "" if settings.AMBIENTE == "producao" else DE_ENSAIO
    assunto = " ".join(preencher(texto.assunto, valores).split())
    return Texto(f"{marca}{assunto}"[:200], preencher(texto.corpo, valores), texto.ligada)


def gravar(tipo: Tipo, texto: Texto, usuario: Usuario) -> None:
    """Keep the office's words. The caller has looked at `problemas`."""
    with transaction.atomic():
        mensagem, _ = MensagemEntrega.objects.update_or_create(
            tipo=tipo,
            defaults={
                "assunto": texto.assunto,
                "corpo": texto.corpo,
                "ligada": texto.ligada,
                "alterada_por": usuario,
            },
        )
        auditoria.registrar(
            usuario=usuario,
            acao="guias.mensagem",
            objeto=mensagem,
            resumo=f"Alterada a mensagem “{mensagem}”{'' if texto.ligada else ', que deixa de ser enviada'}",
            dados={"assunto": texto.assunto, "corpo": texto.corpo, "ligada": texto.ligada},
        )


def voltar_ao_padrao(tipo: Tipo, usuario: Usuario) -> None:
    with transaction.atomic():
        if MensagemEntrega.objects.filter(tipo=tipo).delete()[0]:
            auditoria.registrar(
                usuario=usuario,
                acao="guias.mensagem",
                objeto=f"mensagementrega:{tipo}",
                resumo=f"A mensagem “{tipo.label}” voltou às palavras do Guichê",
            )
