"""The CSV of SERPRO's consumption report (Área do Cliente), kept line by line to be compared with our own record.

Columns as SERPRO names them: DATA, CNPJ/CPF, URL, RESPONSE_CODE, IP, OBSERVAÇÃO, TAG, QUANTIDADE.
Source: SERPRO, API Integra Contador documentation centre, "Identificador de requisições" (September 2026).
"""

import hashlib
import re
from collections import Counter
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from comum.formatos import format_data
from comum.planilhas import DE_DOCUMENTO, Coluna, Linha, ler
from comum.templatetags.formatos import datahora
from empresas.importacao.base import ArquivoRecusado, Conferencia, Importador, Progresso, Recusa, recusa_de
from operacoes import contrato
from operacoes.custos.precos import periodo
from operacoes.models import AcessoCobrado, Consumo, LinhaConsumo

COLUNAS = (
    Coluna("data", "DATA", True, ("data e hora", "data/hora")),
    Coluna("documento", "CNPJ/CPF", sinonimos=(*DE_DOCUMENTO, "cnpj cpf")),
    Coluna("url", "URL", True),
    Coluna("status", "RESPONSE_CODE", True, ("response code", "status", "código")),
    Coluna("ip", "IP"),
    Coluna("observacao", "OBSERVAÇÃO", sinonimos=("obs",)),
    Coluna("tag", "TAG", True, ("x-request-tag",)),
    Coluna("quantidade", "QUANTIDADE", sinonimos=("qtd",)),
)
_ROTULOS = {coluna.nome: coluna.rotulo for coluna in COLUNAS}
_TAMANHOS = {"documento": 20, "url": 200, "ip": 45, "observacao": 200, "tag": 64}
_DATAS = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")
_FRACAO = re.compile(r"(\d\d:\d\d:\d\d)[.,]\d+Z?$")
_NOSSA = re.compile(r"[0-9a-f]{32}")
_MAIOR_QUANTIDADE = 10_000_000


class ImportadorDeConsumo(Importador):
    """One file, once for a conta (`parametros`: conta, nome_arquivo). What is refused stays out, told by its line."""

    tipo = "consumo_serpro"
    titulo = "Importar o relatório de consumo do SERPRO"
    singular = "linha"
    plural = "linhas"
    colunas = COLUNAS
    url_nova = "custos:importar_consumo"
    url_lista = "custos:consumos"

    def ler(self, conteudo: bytes, progresso: Progresso) -> None:
        if not self.usuario.administra:
            raise ArquivoRecusado("Só o administrador do Guichê importa o consumo. Nada foi gravado.")
        planilha = ler(conteudo, COLUNAS)
        if planilha.erros:
            raise ArquivoRecusado("\n".join(erro.mensagem for erro in planilha.erros))
        self.sha256 = hashlib.sha256(conteudo).hexdigest()
        self._avisos = [aviso.mensagem for aviso in planilha.avisos]
        self._lidas: list[LinhaConsumo] = []
        self._de_outros: Counter[str] = Counter()
        self._outros = _outras_contas(self.parametros["conta"])
        for ordem, item in enumerate(planilha, start=1):
            if isinstance(item, Linha):
                self._linha(item)
            else:
                self.recusas.append(recusa_de(item))
            progresso(ordem)
        self._de_outro_contratante()
        self._so_um_periodo()

    def _de_outro_contratante(self) -> None:
        """A file with nothing of the chosen conta is one mistake, not one of each line."""
        if self._de_outros and not self._lidas and sum(self._de_outros.values()) == len(self.recusas):
            dono = self._de_outros.most_common(1)[0][0]
            raise ArquivoRecusado(f"Este é o consumo de {dono}. Escolha esse contratante e envie o arquivo de novo.")

    def _so_um_periodo(self) -> None:
        """The billing period is the one of most lines; those of another one belong to another file."""
        inicios = Counter(_inicio(linha.quando) for linha in self._lidas)
        self.inicio: date | None = inicios.most_common(1)[0][0] if inicios else None
        if len(inicios) < 2 or self.inicio is None:
            return
        fim = periodo(self.inicio)[1]
        dito = f"O arquivo é do período de {format_data(self.inicio)} a {format_data(fim)}, e esta linha é de outro. "
        dentro: list[LinhaConsumo] = []
        for linha in self._lidas:
            if _inicio(linha.quando) == self.inicio:
                dentro.append(linha)
            else:
                motivo = dito + "Importe o relatório de cada período em separado."
                self.recusas.append(Recusa(linha.numero, "DATA", datahora(linha.quando), motivo))
        self._lidas = dentro

    def _linha(self, linha: Linha) -> None:
        valores, antes = linha.valores, len(self.recusas)
        quando = _ler_data(valores.get("data", ""))
        if quando is None:
            self._recusar(
                linha, "data", "Data não entendida. O relatório traz dia, mês, ano e hora: 21/11/2026 10:42:05."
            )
        status = valores.get("status", "")
        if not (status.isdecimal() and 100 <= int(status) <= 599):
            self._recusar(linha, "status", "O código da resposta tem três algarismos, como 200.")
        texto = valores.get("quantidade") or "1"
        if not (texto.isdecimal() and 0 < int(texto) <= _MAIOR_QUANTIDADE):
            self._recusar(linha, "quantidade", "A quantidade é um número inteiro, a partir de 1.")
        classe = contrato.classe_da_url(valores.get("url", ""))
        if not classe:
            self._recusar(
                linha, "url", "O endereço não termina em uma rota do Integra Contador (Consultar, Emitir, Declarar…)."
            )
        documento = re.sub(r"[^0-9A-Z]", "", valores.get("documento", "").upper())
        if documento in self._outros:
            self._de_outros[self._outros[documento]] += 1
            self._recusar(
                linha,
                "documento",
                f"É o consumo de outro contratante, {self._outros[documento]}. Escolha-o e envie o arquivo dele.",
            )
        for nome, maximo in _TAMANHOS.items():
            if len(valores.get(nome, "")) > maximo:
                self._recusar(linha, nome, f"Texto longo demais; o máximo são {maximo} posições.")
        if quando is None or len(self.recusas) > antes:
            return
        self._lidas.append(
            LinhaConsumo(
                numero=linha.numero,
                quando=quando,
                documento=documento,
                url=valores["url"],
                status=int(status),
                ip=valores.get("ip", ""),
                observacao=valores.get("observacao", ""),
                tag=_tag(valores.get("tag", "")),
                quantidade=int(texto),
                classe=classe,
                cobranca=contrato.cobranca(classe, int(status)),
            )
        )

    def conferir(self) -> Conferencia:
        ja = Consumo.objects.filter(conta=self.parametros["conta"], sha256=self.sha256).first()
        self._ja = ja is not None
        avisos = list(self._avisos)
        if ja is not None:
            avisos.append(
                f"Este mesmo arquivo já foi importado em {datahora(ja.importado_em)} por {ja.importado_por.nome}: "
                "nada muda."
            )
        quantas = len(self._lidas)
        return Conferencia(
            linhas=quantas + len({recusa.linha for recusa in self.recusas}),
            novas=0 if self._ja else quantas,
            alteradas=0,
            iguais=quantas if self._ja else 0,
            recusas=self.recusas,
            assinatura=f"{self.parametros['conta']}:{self.sha256}:{self._ja}",
            avisos=avisos,
        )

    @transaction.atomic
    def gravar(self) -> dict[str, Any]:
        if self._ja or not self._lidas or self.inicio is None:
            return {}
        dias = sorted({timezone.localdate(linha.quando) for linha in self._lidas})
        consumo = Consumo.objects.create(
            conta=self.parametros["conta"],
            sha256=self.sha256,
            nome_arquivo=self.parametros["nome_arquivo"],
            inicio=self.inicio,
            de=dias[0],
            ate=dias[-1],
            linhas=len(self._lidas),
            importado_por=self.usuario,
        )
        for linha in self._lidas:
            linha.consumo = consumo
        LinhaConsumo.objects.bulk_create(self._lidas, batch_size=2000)
        return {"consumo": consumo.pk, "conta": consumo.conta}

    @classmethod
    def depois(cls, importacao: Any) -> tuple[str, str] | None:
        pk = importacao.resultado.get("extras", {}).get("consumo")
        consumo = Consumo.objects.filter(pk=pk).first() if pk else None
        return None if consumo is None else ("Ver as diferenças", consumo.get_absolute_url())


def _tag(texto: str) -> str:
    """Ours in the form that we send it; another one as it is."""
    nossa = texto.replace("-", "").lower()
    return nossa if _NOSSA.fullmatch(nossa) else texto


def _outras_contas(conta: str) -> dict[str, str]:
    return dict(AcessoCobrado.objects.exclude(conta=conta).order_by().values_list("conta", "nome"))


def _inicio(quando: datetime) -> date:
    return periodo(timezone.localdate(quando))[0]


def _ler_data(texto: str) -> datetime | None:
    limpo = _FRACAO.sub(r"\1", texto.strip())
    for formato in _DATAS:
        try:
            lida = datetime.strptime(limpo, formato)  # noqa: DTZ007 - the report's clock, made aware below
        except ValueError:
            continue
        return timezone.make_aware(lida) if 2020 <= lida.year <= 2099 else None
    return None
