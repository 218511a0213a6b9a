"""The CSV of DARFs: each line is one, prepared to be emitted; all the accepted ones are written or none."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone

from comum.documentos import Invalido, cnpj, documento
from comum.formatos import contar, format_data, parse_data, parse_dinheiro, parse_sim_nao
from comum.models import Usuario
from comum.planilhas import DE_DOCUMENTO, Coluna, Linha, ler
from empresas.importacao.base import ArquivoRecusado, Conferencia, Importador, Progresso, Recusa, recusa_de
from empresas.models import Empresa, Importacao
from guias.forms.darf import ler_codigo
from guias.models import Darf, Guia
from guias.providers.sicalc import Receita
from guias.services import darfs, periodos, receitas_federais
from guias.services.dia_de_pagar import dia_proposto
from guias.services.receitas_federais import extensao_de

COLUNAS = (
    Coluna("cnpj", "CNPJ", True, (*DE_DOCUMENTO, "empresa")),
    Coluna("receita", "receita", True, ("código de receita", "codigo", "código")),
    Coluna("periodo", "período", True, ("período de apuração", "pa")),
    Coluna("valor", "valor", True, ("principal", "valor do principal")),
    Coluna("vencimento", "vencimento", False, ("data de vencimento",)),
    Coluna("consolidacao", "pagar em", False, ("data de pagamento", "consolidação")),
    Coluna("referencia", "referência", False, ("número de referência",)),
    Coluna("cota", "quota", False, ("cota",)),
    Coluna("complemento", "complemento", False, ()),
    Coluna("multa", "multa", False, ()),
    Coluna("juros", "juros", False, ()),
    Coluna("ganho_capital", "ganho de capital", False, ()),
    Coluna("alienacao", "data da alienação", False, ("alienação",)),
    Coluna("cno", "CNO", False, ()),
    Coluna("cnpj_prestador", "CNPJ do prestador", False, ("prestador",)),
    Coluna("observacao", "observação", False, ()),
    Coluna("so_barras", "só código de barras", False, ("só barras",)),
)
_ROTULOS = {coluna.nome: coluna.rotulo for coluna in COLUNAS}
_LEITORES: dict[str, Callable[[str], Any]] = {
    "valor": parse_dinheiro,
    "multa": parse_dinheiro,
    "juros": parse_dinheiro,
    "vencimento": parse_data,
    "consolidacao": parse_data,
    "alienacao": parse_data,
    "ganho_capital": parse_sim_nao,
    "so_barras": parse_sim_nao,
}
_SE_FOR_OUTRO = "Se for outro débito, numere-o na coluna complemento: 1, 2..."
_EMITIDO = "Já há um DARF emitido desta receita, período, referência e quota."
_QUAL_DEBITO = "É de outro valor: diga na coluna complemento 0 se este é outra via dele, ou 1, 2... se é outro débito."
_LOTE = 500


class ImportadorDeDarfs(Importador):
    """DARFs to be emitted. A line whose debt is already in preparation, or stands twice in the file, is refused."""

    tipo = "darfs"
    titulo = "DARF"
    singular, plural = "DARF", "DARF"
    colunas = COLUNAS
    url_nova, url_lista = "guias:darfs_importar", "guias:darfs"

    @classmethod
    def depois(cls, importacao: Importacao) -> tuple[str, str] | None:
        quantos = importacao.resultado.get("novas", 0)
        if not quantos:
            return None
        return "Ver e emitir os DARF importados", f"{reverse('guias:darfs')}?situacao=rascunho&periodo=todos"

    def __init__(self, usuario: Usuario, parametros: dict[str, Any]) -> None:
        super().__init__(usuario, parametros)
        self.linhas = 0
        self._hoje = timezone.localdate()
        self._dia_de_pagar = dia_proposto(self._hoje)
        self._lidas: list[tuple[int, Darf, dict[str, str]]] = []

    # -- reading -------------------------------------------------------------------------------------------------------
    def ler(self, conteudo: bytes, progresso: Progresso) -> None:
        planilha = ler(conteudo, COLUNAS)
        if planilha.erros:
            raise ArquivoRecusado(" ".join(problema.mensagem for problema in planilha.erros))
        self.avisos = [problema.mensagem for problema in planilha.avisos]
        visiveis = Empresa.objects.visiveis(self.usuario).filter(ativa=True).select_related("municipio")
        self._empresas = {empresa.documento: empresa for empresa in visiveis.defer("busca")}
        self._vencimentos = periodos.Vencimentos()
        linhas: list[Linha] = []
        for item in planilha:
            self.linhas += 1
            progresso(self.linhas)
            if isinstance(item, Linha):
                linhas.append(item)
            else:
                self.recusas.append(recusa_de(item))
        self._conhecer(linhas)
        for linha in linhas:
            self._linha(linha)

    def _conhecer(self, linhas: list[Linha]) -> None:
        """What each receita of the file asks for; one that nobody consulted yet is asked of the Receita, free."""
        quem: dict[str, Empresa] = {}
        for linha in linhas:
            codigo, _ = ler_codigo(linha.valores.get("receita", ""))
            doc = documento(linha.valores.get("cnpj", ""))
            empresa = None if isinstance(doc, Invalido) else self._empresas.get(doc)
            if codigo and empresa is not None:
                quem.setdefault(codigo, empresa)
        self._receitas: dict[str, Receita] = {}
        self._sem_resposta: dict[str, str] = {}
        for codigo, empresa in sorted(quem.items()):
            try:
                linha_guardada = receitas_federais.caracteristicas(codigo, empresa)
                self._receitas[codigo] = receitas_federais.de_linha(linha_guardada)
            except receitas_federais.SemResposta as erro:
                self._sem_resposta[codigo] = str(erro)
        self._tributos = receitas_federais.tributos(quem)

    def _linha(self, linha: Linha) -> None:
        antes = len(self.recusas)
        empresa = self._empresa(linha)
        codigo, extensao = ler_codigo(linha.valores.get("receita", ""))
        lidos: dict[str, Any] = {}
        for coluna, leitor in _LEITORES.items():
            if texto := linha.valores.get(coluna, ""):
                lido = leitor(texto)
                if isinstance(lido, Invalido):
                    self._recusar(linha, coluna, lido.mensagem)
                else:
                    lidos[coluna] = lido
        if not linha.valores.get("valor"):
            self._recusar(linha, "valor", "Falta o valor do principal.")
        if not codigo:
            self._recusar(linha, "receita", "Receita fora do formato. Digite como 8109 ou 8109-02.")
        elif empresa is not None:
            receita = self._receitas.get(codigo)
            exigida = extensao_de(receita, extensao) if receita else None
            if receita is None:
                self._recusar(linha, "receita", self._sem_resposta.get(codigo, "Receita não consultada."))
            elif exigida is None:
                quais = ", ".join(e.codigo for e in receita.extensoes)
                self._recusar(linha, "receita", f"Diga a extensão da receita {codigo}: {quais}. Como {codigo}-01.")
            else:
                self._montar(linha, empresa, codigo, exigida, lidos, antes)

    def _empresa(self, linha: Linha) -> Empresa | None:
        doc = documento(linha.valores.get("cnpj", ""))
        if isinstance(doc, Invalido):
            self._recusar(linha, "cnpj", doc.mensagem)
            return None
        empresa = self._empresas.get(doc)
        if empresa is None:
            self._recusar(linha, "cnpj", "Empresa não cadastrada, inativa ou fora das suas carteiras.")
        return empresa

    def _montar(
        self, linha: Linha, empresa: Empresa, codigo: str, exigida: Any, lidos: dict[str, Any], antes: int
    ) -> None:
        periodo = periodos.ler(exigida.tipo_pa, linha.valores.get("periodo", ""))
        if isinstance(periodo, Invalido):
            self._recusar(linha, "periodo", periodo.mensagem)
            return
        vencimento = lidos.get("vencimento") or self._vencimentos.propor(
            codigo, self._tributos.get(codigo, ""), periodo
        )
        if vencimento is None and "vencimento" not in lidos:
            self._recusar(linha, "vencimento", "Falta o vencimento: a tabela não diz o desta receita.")
        textos = self._textos(linha)
        if vencimento is None or textos is None or len(self.recusas) > antes:
            return
        darf = Darf(
            empresa=empresa,
            receita=codigo,
            extensao=exigida.codigo,
            tipo_pa=periodo.tipo,
            periodo=periodo.texto,
            competencia=periodo.competencia,
            vencimento=vencimento,
            consolidacao=lidos.get("consolidacao") or max(vencimento, self._dia_de_pagar),
            valor=lidos.get("valor", Decimal(0)),
            multa=lidos.get("multa"),
            juros=lidos.get("juros"),
            ganho_capital=lidos.get("ganho_capital"),
            alienacao=lidos.get("alienacao"),
            so_barras=bool(lidos.get("so_barras")),
            criado_por=self.usuario,
            **textos,
        )
        darf.nomear()
        ditos = darfs.problemas(darf, exigida, periodo, self._hoje)
        for campo, dito in ditos.items():
            self._recusar(linha, "cnpj" if campo == "empresa" else campo, dito)
        if not ditos:
            self._lidas.append((linha.numero, darf, linha.valores))

    def _textos(self, linha: Linha) -> dict[str, Any] | None:
        """The numbers that are text; None when one of them was refused."""
        valores, antes = linha.valores, len(self.recusas)
        referencia = re.sub(r"[\s./-]", "", valores.get("referencia", ""))
        if referencia and not re.fullmatch(r"[0-9]{1,17}", referencia):
            self._recusar(linha, "referencia", "O número de referência tem até 17 algarismos.")
        cno = re.sub(r"[\s./-]", "", valores.get("cno", ""))
        if cno and not re.fullmatch(r"[0-9]{12}", cno):
            self._recusar(linha, "cno", "O CNO tem 12 algarismos.")
        cota = valores.get("cota", "").strip()
        if cota and not re.fullmatch(r"[1-8]", cota):
            self._recusar(linha, "cota", "A quota é um número de 1 a 8.")
        complemento = valores.get("complemento", "").strip()
        if complemento and not re.fullmatch(r"[0-9]{1,2}", complemento):
            self._recusar(linha, "complemento", "O complemento é um número: 0 outra via, de 1 a 99 outro débito.")
        texto = valores.get("cnpj_prestador", "")
        prestador = cnpj(texto) if texto else ""
        if isinstance(prestador, Invalido):
            self._recusar(linha, "cnpj_prestador", prestador.mensagem)
        observacao = " ".join(valores.get("observacao", "").split())
        if len(observacao) > 100:
            self._recusar(linha, "observacao", f"Tem {len(observacao)} letras; cabem 100.")
        if len(self.recusas) > antes:
            return None
        return {
            "referencia": referencia,
            "cno": cno,
            "cota": int(cota) if cota else None,
            "complemento": int(complemento or 0),
            "cnpj_prestador": prestador,
            "observacao": observacao,
        }

    # -- against what is stored ----------------------------------------------------------------------------------------
    def conferir(self) -> Conferencia:
        recusas = list(self.recusas)
        dividas = {darf.divida for _, darf, _ in self._lidas}
        abertas = set(Darf.objects.filter(divida__in=dividas, operacao=None).values_list("divida", flat=True))
        emitidas = {guia.divida: guia for guia in Guia.objects.filter(divida__in=dividas).order_by("pk")}
        pagas = darfs.pagas(dividas)
        primeiras: dict[str, int] = {}
        self._novos: list[Darf] = []
        alertas = []
        for numero, darf, valores in self._lidas:
            celula = (numero, _ROTULOS["periodo"], valores.get("periodo", "")[:200])
            if darf.divida in primeiras:
                repete = (
                    f"Repete a linha {primeiras[darf.divida]}: mesma empresa, receita, período, referência e quota. "
                    f"{_SE_FOR_OUTRO}"
                )
                recusas.append(Recusa(*celula, repete))
                continue
            primeiras[darf.divida] = numero
            if darf.divida in abertas:
                aberto = f"Já há um DARF a emitir igual a este. Altere o que existe, na lista. {_SE_FOR_OUTRO}"
                recusas.append(Recusa(*celula, aberto))
                continue
            if (paga_em := pagas.get(darf.divida)) is not None:
                recusas.append(Recusa(*celula, f"{_EMITIDO} Foi pago em {format_data(paga_em)}. {_SE_FOR_OUTRO}"))
                continue
            if (emitida := emitidas.get(darf.divida)) is not None:
                if emitida.principal != darf.valor and not valores.get("complemento"):
                    recusas.append(Recusa(*celula, f"{_EMITIDO} {_QUAL_DEBITO}"))
                    continue
                alertas.append(Recusa(*celula, f"{_EMITIDO} Será outra via dele. {_SE_FOR_OUTRO}"))
            self._novos.append(darf)
        partes = [(d.divida, str(d.valor), d.vencimento.isoformat(), d.consolidacao.isoformat()) for d in self._novos]
        assinatura = hashlib.sha256(repr((partes, sorted(recusas))).encode()).hexdigest()
        return Conferencia(
            linhas=self.linhas,
            novas=len(self._novos),
            alteradas=0,
            iguais=0,
            recusas=recusas,
            assinatura=assinatura,
            avisos=[*self.avisos, *_por_mes(self._novos)],
            alertas=alertas,
        )

    def gravar(self) -> dict[str, Any]:
        Darf.objects.bulk_create(self._novos, batch_size=_LOTE)
        return {"darfs": len(self._novos)}


def _por_mes(novos: list[Darf]) -> list[str]:
    meses: Counter[date] = Counter(darf.competencia for darf in novos)
    if len(meses) < 2:
        return []
    ditos = ", ".join(f"{mes:%m/%Y} ({contar(n, 'DARF', 'DARF')})" for mes, n in sorted(meses.items()))
    return [f"Há mais de uma competência no arquivo: {ditos}."]
