"""The CSV of contacts: one line for each address of an empresa."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import Any

from comum.documentos import Invalido, documento
from comum.formatos import parse_sim_nao
from comum.planilhas import DE_DOCUMENTO, Coluna, Linha, ler
from empresas.campos import Emails, falta, ler_nome
from empresas.importacao.base import (
    AMOSTRA,
    Alteracao,
    ArquivoRecusado,
    Conferencia,
    Importador,
    Progresso,
    recusa_de,
)
from empresas.models import Contato, Empresa

COLUNAS = (
    Coluna("documento", "CNPJ ou CPF", True, (*DE_DOCUMENTO, "cnpj da empresa")),
    Coluna("email", "e-mail", True, ("email", "e-mail do contato", "endereço de e-mail")),
    Coluna("nome", "nome", sinonimos=("contato", "nome do contato", "responsável")),
    Coluna("recebe_guias", "recebe guias", sinonimos=("guias", "recebe as guias")),
)
_ROTULOS = {coluna.nome: coluna.rotulo for coluna in COLUNAS}
_NOME = Contato._meta.get_field("nome").max_length or 0


@dataclass(frozen=True)
class _Lido:
    """One good line; None: the cell is blank, and what is stored stays."""

    linha: int
    empresa: Empresa
    email: str
    nome: str | None
    recebe_guias: bool | None

    @property
    def chave(self) -> tuple[int, str]:
        return self.empresa.pk, self.email.lower()


class ImportadorDeContatos(Importador):
    """A contact is known by its address within the empresa; nothing is excluded by a file."""

    tipo, titulo = "contatos", "Contatos das empresas"
    singular, plural = "contato", "contatos"
    colunas = COLUNAS
    url_nova, url_lista = "empresas:importar_contatos", "empresas:lista"

    def ler(self, conteudo: bytes, progresso: Progresso) -> None:
        planilha = ler(conteudo, COLUNAS)
        if planilha.erros:
            raise ArquivoRecusado(" ".join(problema.mensagem for problema in planilha.erros))
        self._avisos = [problema.mensagem for problema in planilha.avisos]
        self._lidos: list[_Lido] = []
        self._vistos: dict[tuple[int, str], int] = {}
        self._emails = Emails()
        self._empresas = {e.documento: e for e in Empresa.objects.visiveis(self.usuario).defer("busca")}
        self._linhas = 0
        for item in planilha:
            self._linhas += 1
            progresso(self._linhas)
            if isinstance(item, Linha):
                self._linha(item)
            else:
                self.recusas.append(recusa_de(item))

    def _linha(self, linha: Linha) -> None:
        antes = len(self.recusas)
        empresa, email = self._empresa(linha), self._email(linha)
        nome, recebe = self._nome(linha), self._recebe(linha)
        if empresa is None or len(self.recusas) > antes:
            return
        lido = _Lido(linha.numero, empresa, email, nome, recebe)
        primeira = self._vistos.setdefault(lido.chave, linha.numero)
        if primeira != linha.numero:
            motivo = f"Repetido na mesma empresa: já está na linha {primeira}. Deixe só uma das linhas."
            self._recusar(linha, "email", motivo)
            return
        self._lidos.append(lido)

    def _empresa(self, linha: Linha) -> Empresa | None:
        doc = documento(linha.valores["documento"]) if linha.valores["documento"] else falta("o CNPJ ou CPF")
        if isinstance(doc, Invalido):
            self._recusar(linha, "documento", doc.mensagem)
            return None
        empresa = self._empresas.get(doc)
        if empresa is None:
            self._recusar(linha, "documento", "Empresa não cadastrada, ou fora das suas carteiras.")
        return empresa

    def _email(self, linha: Linha) -> str:
        texto = linha.valores["email"]
        lido = self._emails.ler(texto) if texto else falta("o e-mail")
        if isinstance(lido, Invalido):
            self._recusar(linha, "email", lido.mensagem)
            return ""
        return lido

    def _nome(self, linha: Linha) -> str | None:
        texto = linha.valores.get("nome", "")
        if not texto:
            return None
        lido = ler_nome(texto, "Nome")
        if isinstance(lido, Invalido):
            self._recusar(linha, "nome", lido.mensagem)
            return None
        if len(lido) > _NOME:
            self._recusar(linha, "nome", f"Nome com {len(lido)} letras; cabem {_NOME}. Abrevie.")
            return None
        return lido

    def _recebe(self, linha: Linha) -> bool | None:
        texto = linha.valores.get("recebe_guias", "")
        if not texto:
            return None
        lido = parse_sim_nao(texto)
        if isinstance(lido, Invalido):
            self._recusar(linha, "recebe_guias", lido.mensagem)
            return None
        return lido

    def conferir(self) -> Conferencia:
        guardados = self._guardados()
        classes: dict[int, str] = {}
        alteracoes: list[Alteracao] = []
        self._novos: list[Contato] = []
        self._mudados: list[Contato] = []
        for lido in self._lidos:
            atual = guardados.get(lido.chave)
            if atual is None:
                classes[lido.linha] = "n"
                recebe = True if lido.recebe_guias is None else lido.recebe_guias
                self._novos.append(
                    Contato(empresa=lido.empresa, email=lido.email, nome=lido.nome or "", recebe_guias=recebe)
                )
                continue
            classes[lido.linha] = self._mudar(lido, atual, alteracoes)
        contagem = Counter(classes.values())
        assinatura = hashlib.sha256(",".join(f"{c}{n}" for n, c in sorted(classes.items())).encode()).hexdigest()
        return Conferencia(
            linhas=self._linhas,
            novas=contagem["n"],
            alteradas=contagem["c"],
            iguais=contagem["i"],
            recusas=self.recusas,
            assinatura=assinatura,
            alteracoes=alteracoes[:AMOSTRA],
            avisos=self._avisos,
        )

    def _guardados(self) -> dict[tuple[int, str], Contato]:
        da_lista = Contato.objects.filter(empresa__in={lido.empresa.pk for lido in self._lidos})
        return {(contato.empresa_id, contato.email.lower()): contato for contato in da_lista}

    def _mudar(self, lido: _Lido, atual: Contato, alteracoes: list[Alteracao]) -> str:
        mudou = False
        if lido.nome is not None and lido.nome != atual.nome:
            alteracoes.append(Alteracao(lido.linha, f"{lido.empresa} {atual.email}", "nome", atual.nome, lido.nome))
            atual.nome, mudou = lido.nome, True
        if lido.recebe_guias is not None and lido.recebe_guias != atual.recebe_guias:
            antes, depois = ("sim", "não") if atual.recebe_guias else ("não", "sim")
            quem = f"{lido.empresa} {atual.email}"
            alteracoes.append(Alteracao(lido.linha, quem, _ROTULOS["recebe_guias"], antes, depois))
            atual.recebe_guias, mudou = lido.recebe_guias, True
        if mudou:
            self._mudados.append(atual)
        return "c" if mudou else "i"

    def gravar(self) -> dict[str, Any]:
        Contato.objects.bulk_create(self._novos, batch_size=1000)
        Contato.objects.bulk_update(self._mudados, ["nome", "recebe_guias"], batch_size=1000)
        return {"contatos": len(self._novos) + len(self._mudados)}
