"""A CSV of (cnpj; serviços; autor; procurador; observação) into the draft. Only *Avançar* writes to the database."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from uuid import UUID

from django.db import transaction

from comum import documentos, planilhas
from comum.formatos import normalizar
from comum.models import Usuario
from comum.planilhas import DE_DOCUMENTO, Coluna, Linha, Problema
from credentials.models import Acao, Autor, Credencial, ItemRascunho, Servico, Vinculo
from credentials.services import certificados
from credentials.services import rascunho as servico
from credentials.services.rascunho import Configuracao, Mudancas
from empresas.models import Empresa

COLUNAS = (
    Coluna("cnpj", "CNPJ", True, DE_DOCUMENTO),
    Coluna("servicos", "serviços", False, ("serviço",)),
    Coluna("autor", "autor", False, ("autor do pedido",)),
    Coluna("procurador", "procurador", False, ("cpf ou cnpj do procurador",)),
    Coluna("observacao", "observação", False, ("obs",)),
)
# Invented, with valid check digits.
MODELO = (
    {"cnpj": "12.ABC.345/01DE-35", "servicos": "PGDAS-D, DAS, Procurações", "autor": "contratante"},
    {
        "cnpj": "11.222.333/0001-81",
        "servicos": "todos",
        "autor": "procurador",
        "procurador": "529.982.247-25",
        "observacao": "cliente desde 2020",
    },
)


@dataclass
class ResultadoCsv:
    """What the file did to the draft: `recusas` are the lines left out, `avisos` what was noticed in the file.

    `erro` (pt-BR): why the file as a whole cannot be read; then nothing was done.
    """

    erro: str = ""
    incluidas: int = 0
    alteradas: int = 0
    iguais: int = 0
    recusas: list[Problema] = field(default_factory=list)
    avisos: list[Problema] = field(default_factory=list)

    @property
    def feitas(self) -> int:
        return self.incluidas + self.alteradas


def _chave(texto: str) -> str:
    return re.sub(r"[\W_]+", "", normalizar(texto))


_SERVICOS = {_chave(nome): servico.value for servico in Servico for nome in (servico.value, servico.label)} | {
    "simples": Servico.PGDASD.value,
    "situacaofiscal": Servico.SITUACAO_FISCAL.value,
    "sicalc": Servico.DARF.value,
    "procuracao": Servico.PROCURACOES.value,
}
_AUTORES = {_chave(nome): autor.value for autor in Autor for nome in (autor.value, autor.label)} | {
    "proprio": Autor.CONTRIBUINTE.value,
    "oproprio": Autor.CONTRIBUINTE.value,
}


class _Recusada(Exception):
    def __init__(self, coluna: str, valor: str, mensagem: str) -> None:
        super().__init__(mensagem)
        self.coluna, self.valor, self.mensagem = coluna, valor, mensagem


@transaction.atomic
def preencher(*, usuario: Usuario, credencial: Credencial, conteudo: bytes | str) -> ResultadoCsv:
    """Put each good line into the draft: an inclusion, or a change where the empresa is already in the credencial.

    A blank cell keeps what the empresa has (for an inclusion: autor contratante, no observação; serviços are required).
    """
    resultado = ResultadoCsv()
    planilha = planilhas.ler(conteudo, COLUNAS)
    resultado.avisos = list(planilha.avisos)
    if planilha.erros:
        resultado.erro = " ".join(problema.mensagem for problema in planilha.erros)
        return resultado
    _aplicar(usuario, credencial, _ler_linhas(planilha, resultado), resultado)
    resultado.recusas.sort(key=lambda problema: problema.linha or 0)
    return resultado


def _ler_linhas(linhas: Iterable[Linha | Problema], resultado: ResultadoCsv) -> dict[str, Linha]:
    """Good lines by document; a document that comes again is refused, naming the first line."""
    lidas: dict[str, Linha] = {}
    for linha in linhas:
        if isinstance(linha, Problema):
            resultado.recusas.append(linha)
            continue
        texto = linha.valores.get("cnpj", "")
        documento = documentos.documento(texto)
        if isinstance(documento, documentos.Invalido):
            resultado.recusas.append(Problema(linha.numero, documento.mensagem, "CNPJ", texto))
        elif documento in lidas:
            primeira = lidas[documento].numero
            resultado.recusas.append(
                Problema(linha.numero, f"Esta empresa já está na linha {primeira}. Deixe só uma.", "CNPJ", texto)
            )
        else:
            lidas[documento] = linha
    return lidas


def _aplicar(usuario: Usuario, credencial: Credencial, linhas: dict[str, Linha], resultado: ResultadoCsv) -> None:
    empresas = {e.documento: e for e in Empresa.objects.visiveis(usuario).filter(documento__in=linhas)}
    pks = [e.pk for e in empresas.values()]
    vinculos = {v.empresa_id: v for v in Vinculo.objects.filter(empresa__in=pks)}
    itens = {
        i.empresa_id: i
        for i in ItemRascunho.objects.filter(
            rascunho__usuario=usuario, rascunho__credencial=credencial, empresa__in=pks
        )
    }
    novas: dict[int, Configuracao] = {}
    mudancas: dict[int, Mudancas] = {}
    do_procurador = cache(certificados.do_procurador)
    for documento, linha in linhas.items():
        try:
            empresa = empresas.get(documento)
            if empresa is None:
                raise _Recusada(
                    "CNPJ",
                    linha.valores["cnpj"],
                    "Empresa não cadastrada, ou fora das suas carteiras. Cadastre-a ou importe-a primeiro.",
                )
            vinculo, item = vinculos.get(empresa.pk), itens.get(empresa.pk)
            if not empresa.ativa:
                raise _Recusada("CNPJ", linha.valores["cnpj"], "A empresa está inativa. Reative-a no cadastro.")
            if vinculo is not None and vinculo.credencial_id != credencial.pk:
                raise _Recusada(
                    "CNPJ", linha.valores["cnpj"], "A empresa já está em outra credencial. Exclua-a de lá primeiro."
                )
            if item is not None and item.acao == Acao.EXCLUIR:
                raise _Recusada(
                    "CNPJ", linha.valores["cnpj"], "A empresa está excluída no rascunho. Desfaça a exclusão primeiro."
                )
            origem = item or vinculo
            atual = Configuracao.de(origem) if origem else None
            nova = _configuracao(linha, atual, do_procurador)
            if atual is None:
                novas[empresa.pk] = nova
            elif mudanca := Mudancas.entre(atual, nova):
                mudancas[empresa.pk] = mudanca
            else:
                resultado.iguais += 1
        except _Recusada as recusada:
            resultado.recusas.append(Problema(linha.numero, recusada.mensagem, recusada.coluna, recusada.valor))
    if not novas and not mudancas:
        return
    incluidas = servico.incluir(usuario=usuario, credencial=credencial, configuracoes=novas)
    alteradas = servico.alterar(usuario=usuario, credencial=credencial, mudancas=mudancas)
    resultado.incluidas, resultado.alteradas = incluidas.feitas, alteradas.feitas
    por_pk = {empresa.pk: linhas[empresa.documento] for empresa in empresas.values()}
    for recusa in (*incluidas.recusas, *alteradas.recusas):  # somebody wrote between the reading above and the lock
        linha = por_pk[recusa.pk]
        motivo = f"Não entrou: {recusa.motivo}."
        resultado.recusas.append(Problema(linha.numero, motivo, "CNPJ", linha.valores["cnpj"]))


def _configuracao(
    linha: Linha, atual: Configuracao | None, do_procurador: Callable[[str], UUID | None]
) -> Configuracao:
    valores = linha.valores
    nova = atual or Configuracao()
    if texto := valores.get("servicos", ""):
        nova = replace(nova, servicos=_servicos(texto))
    if not nova.servicos:
        raise _Recusada("serviços", "", "Informe ao menos um serviço.")
    autor, procurador = nova.autor, nova.procurador
    if texto := valores.get("autor", ""):
        if _chave(texto) not in _AUTORES:
            aceitos = ", ".join(a.label for a in Autor)
            raise _Recusada("autor", texto, f"Autor desconhecido. Aceitos: {aceitos}.")
        autor = _AUTORES[_chave(texto)]
    if texto := valores.get("procurador", ""):
        lido = documentos.documento(texto)
        if isinstance(lido, documentos.Invalido):
            raise _Recusada("procurador", texto, lido.mensagem)
        if autor != Autor.PROCURADOR:
            raise _Recusada("procurador", texto, "Há procurador, mas o autor não é procurador. Ajuste uma das colunas.")
        procurador = lido
    if autor == Autor.PROCURADOR and not procurador:
        raise _Recusada("procurador", "", "O autor é procurador: informe o CPF ou CNPJ dele.")
    if autor != Autor.PROCURADOR:
        procurador = ""
    certificado = nova.procurador_certificado_id if procurador and procurador == nova.procurador else None
    if procurador and certificado is None:
        certificado = do_procurador(procurador)
    observacao = valores.get("observacao", "") or nova.observacao
    if len(observacao) > 200:
        raise _Recusada("observação", observacao[:80], "A observação passa de 200 caracteres. Encurte o texto.")
    return Configuracao(nova.servicos, autor, procurador, certificado, observacao)


def _servicos(texto: str) -> tuple[str, ...]:
    if _chave(texto) == "todos":
        return tuple(s.value for s in Servico)
    pedidos = []
    for nome in re.split(r"[,;+|/]", texto):
        if not nome.strip():
            continue
        if _chave(nome) not in _SERVICOS:
            aceitos = ", ".join(s.label for s in Servico)
            raise _Recusada("serviços", nome.strip(), f"Serviço desconhecido. Aceitos: {aceitos}, ou “todos”.")
        pedidos.append(_SERVICOS[_chave(nome)])
    return tuple(servico.ordenar(pedidos))
