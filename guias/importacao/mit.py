"""The CSV of debits of MIT: the lines of an empresa and month are its month, typed whole; all are written or none."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from django.urls import reverse

from comum.documentos import Invalido, cpf, documento
from comum.formatos import format_competencia, parse_sim_nao
from comum.models import Usuario
from comum.planilhas import DE_DOCUMENTO, Coluna, Linha, ler
from empresas.calendario import somar_meses
from empresas.contexto import ler_competencia
from empresas.importacao.base import (
    Alteracao,
    ArquivoRecusado,
    Conferencia,
    Importador,
    Progresso,
    Recusa,
    recusa_de,
)
from empresas.models import Empresa, Importacao
from empresas.municipios import Municipios
from guias.forms.mit import inicial_de
from guias.models import ApuracaoMit
from guias.services import debitos_mit, mit

COLUNAS = (
    Coluna("cnpj", "CNPJ", True, (*DE_DOCUMENTO, "empresa")),
    Coluna("competencia", "competência", True, ("mês", "período", "pa")),
    Coluna("codigo", "código do débito", False, ("código", "receita", "código de receita")),
    Coluna("valor", "valor", False, ("valor do débito",)),
    Coluna("grupo", "tributo", False, ("grupo",)),
    Coluna("periodo", "período do débito", False, ()),
    Coluna("cnpj_scp", "CNPJ da SCP", False, ("scp",)),
    Coluna("estabelecimento", "estabelecimento", False, ()),
    Coluna("evento", "depois do evento", False, ("evento",)),
    Coluna("referente", "referente a", False, ("período do postergado", "postergado", "município do ouro")),
    Coluna("cpf_responsavel", "CPF do responsável", False, ("responsável",)),
    Coluna("sem_movimento", "sem movimento", False, ("parada",)),
)
_RESPOSTAS = ("qualificacao", "tributacao", "variacoes", "regime")  # of the month, which no column asks for
_ROTULOS = {coluna.nome: coluna.rotulo for coluna in COLUNAS}


class ImportadorDoMit(Importador):
    """Months of MIT in preparation. What the file says of a month takes the place of the debits it had."""

    tipo = "mit"
    titulo = "débitos do MIT"
    singular, plural = "mês", "meses"
    colunas = COLUNAS
    url_nova, url_lista = "guias:mit_importar", "guias:mit"

    @classmethod
    def depois(cls, importacao: Importacao) -> tuple[str, str] | None:
        return "Ver os meses do MIT", reverse("guias:mit")

    def __init__(self, usuario: Usuario, parametros: dict[str, Any]) -> None:
        super().__init__(usuario, parametros)
        self.linhas = 0
        self._meses: dict[tuple[int, date], ApuracaoMit] = {}
        self._linhas_por_mes: dict[tuple[int, date], set[int]] = defaultdict(set)

    def ler(self, conteudo: bytes, progresso: Progresso) -> None:
        planilha = ler(conteudo, COLUNAS)
        if planilha.erros:
            raise ArquivoRecusado(" ".join(problema.mensagem for problema in planilha.erros))
        self.avisos = [problema.mensagem for problema in planilha.avisos]
        visiveis = Empresa.objects.visiveis(self.usuario).filter(ativa=True, matriz=None)
        self._empresas = {empresa.documento: empresa for empresa in visiveis.defer("busca")}
        self._tabela, self._municipios = debitos_mit.conhecidos(), cache(Municipios)
        self._vistos: dict[tuple[int, date], set[tuple[str, ...]]] = defaultdict(set)
        for item in planilha:
            self.linhas += 1
            progresso(self.linhas)
            if isinstance(item, Linha):
                self._linha(item)
            else:
                self.recusas.append(recusa_de(item))

    def _linha(self, linha: Linha) -> None:
        doc, mes = documento(linha.valores.get("cnpj", "")), ler_competencia(linha.valores.get("competencia", ""))
        empresa = None if isinstance(doc, Invalido) else self._empresas.get(doc)
        if isinstance(doc, Invalido):
            self._recusar(linha, "cnpj", doc.mensagem)
        elif empresa is None:
            self._recusar(linha, "cnpj", "Empresa não cadastrada como matriz, inativa ou fora das suas carteiras.")
        if isinstance(mes, Invalido):
            self._recusar(linha, "competencia", mes.mensagem)
        if empresa is None or isinstance(mes, Invalido):
            return
        chave = (empresa.pk, mes)
        self._linhas_por_mes[chave].add(linha.numero)
        apuracao = self._meses.setdefault(chave, ApuracaoMit(empresa=empresa, competencia=mes, debitos=[]))
        self._responsavel(linha, apuracao)
        parado = parse_sim_nao(linha.valores["sem_movimento"]) if linha.valores.get("sem_movimento") else False
        if isinstance(parado, Invalido):
            self._recusar(linha, "sem_movimento", parado.mensagem)
        elif parado:
            apuracao.sem_movimento = True
        elif linha.valores.get("codigo") or linha.valores.get("valor"):
            self._debito(linha, apuracao, chave)
        else:
            self._recusar(linha, "codigo", "Falta o débito: informe código e valor, ou marque sem movimento.")

    def _responsavel(self, linha: Linha, apuracao: ApuracaoMit) -> None:
        if texto := linha.valores.get("cpf_responsavel", ""):
            lido = cpf(texto)
            if isinstance(lido, Invalido):
                self._recusar(linha, "cpf_responsavel", lido.mensagem)
            else:
                apuracao.cpf_responsavel = lido

    def _debito(self, linha: Linha, apuracao: ApuracaoMit, chave: tuple[int, date]) -> None:
        textos = {coluna: linha.valores.get(coluna, "") for coluna in debitos_mit.COLUNAS}
        debito, erros = debitos_mit.ler(textos, self._tabela, apuracao.empresa.documento, self._municipios)
        for coluna, motivo in erros.items():
            self._recusar(linha, coluna, motivo)
        if erros:
            return
        if (repetido := debitos_mit.repetido(debito)) in self._vistos[chave]:
            self._recusar(linha, "codigo", "Este débito já está em outra linha da mesma empresa e competência.")
            return
        self._vistos[chave].add(repetido)
        apuracao.debitos.append(debito)

    def conferir(self) -> Conferencia:
        recusas, alteracoes = list(self.recusas), []
        guardadas = {
            (apuracao.empresa_id, apuracao.competencia): apuracao
            for apuracao in ApuracaoMit.objects.filter(empresa__in={pk for pk, _ in self._meses})
        }
        self._gravar: list[tuple[ApuracaoMit, int]] = []
        self._responder(guardadas)
        recusadas = {recusa.linha for recusa in self.recusas}
        novas = alteradas = iguais = 0
        for chave, lida in self._meses.items():
            linha, antes = min(self._linhas_por_mes[chave]), guardadas.get(chave)
            celula = (linha, _ROTULOS["competencia"], format_competencia(lida.competencia))
            if recusadas & self._linhas_por_mes[chave]:  # a month told by half is not taken
                recusas.append(Recusa(*celula, "Há linha recusada deste mês: ele fica de fora inteiro."))
                continue
            if lida.sem_movimento and lida.debitos:
                recusas.append(Recusa(*celula, "O mês está sem movimento numa linha e tem débitos em outra."))
                continue
            if antes is not None and not mit.editavel(antes):
                recusas.append(Recusa(*celula, f"O mês não se altera mais: está {antes.get_situacao_display()}."))
                continue
            if antes is not None:
                lida.cpf_responsavel = lida.cpf_responsavel or antes.cpf_responsavel
                lida.eventos, lida.balanco = antes.eventos, antes.balanco
                lida.suspensoes = antes.suspensoes
            ditos = [dito for dito in mit.problemas(lida, self._tabela) if dito != mit.SEM_CPF]
            if ditos:
                recusas.append(Recusa(*celula, " ".join(ditos)))
                continue
            if antes is None:
                novas += 1
            elif _igual(antes, lida):
                iguais += 1
                continue
            else:
                alteradas += 1
                alteracoes.append(
                    Alteracao(linha, str(lida.empresa), "débitos", _dito(antes.debitos), _dito(lida.debitos))
                )
            self._gravar.append((lida, antes.versao if antes else 0))
        partes = [
            (m.empresa_id, m.competencia.isoformat(), m.debitos, m.sem_movimento, _respostas(m), v)
            for m, v in self._gravar
        ]
        return Conferencia(
            linhas=self.linhas,
            novas=novas,
            alteradas=alteradas,
            iguais=iguais,
            recusas=recusas,
            assinatura=hashlib.sha256(repr((partes, sorted(recusas))).encode()).hexdigest(),
            alteracoes=alteracoes,
            avisos=self.avisos,
        )

    def _responder(self, guardadas: Mapping[tuple[int, date], ApuracaoMit]) -> None:
        """Answer what the file does not ask as the screen begins: the month itself, the one before, the regime."""
        for (empresa, mes), lida in sorted(self._meses.items(), key=lambda item: item[0]):
            antes = (empresa, somar_meses(mes, -1))
            anterior = guardadas.get(antes) or self._meses.get(antes)
            inicial = inicial_de(guardadas.get((empresa, mes)), anterior, lida.empresa.regime)
            lida.preparada_por = self.usuario
            for nome in _RESPOSTAS:
                setattr(lida, nome, inicial[nome])

    def gravar(self) -> dict[str, Any]:
        for lida, versao in self._gravar:
            mit.gravar(lida, self.usuario, versao)
        return {"meses": len(self._gravar)}


def _respostas(apuracao: ApuracaoMit) -> tuple[int, ...]:
    return tuple(getattr(apuracao, nome) for nome in _RESPOSTAS)


def _igual(antes: ApuracaoMit, lida: ApuracaoMit) -> bool:
    return (
        antes.debitos == lida.debitos
        and antes.sem_movimento == lida.sem_movimento
        and antes.cpf_responsavel == lida.cpf_responsavel
    )


def _dito(debitos: list[dict[str, str]]) -> str:
    return "; ".join(f"{debito['codigo']} {debito['valor']}" for debito in debitos) or "sem débitos"
