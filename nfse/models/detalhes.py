"""What a note says in the national layout alone (DPS 1.01), beyond the fields that every channel shares.

Few notes say any of it, so it is one JSON column of Nota, read and written as `Detalhes`. Choices are stored as the
layout's own codes: no other layout has them. Sources: simple types of the schema 1.01; moedas, table of the Banco
Central.
"""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from django.db.models import TextChoices

from nfse.models.guardado import Guardado
from nfse.models.papeis import PapelDeDeducao, PapelReembolsado


class Imunidade(TextChoices):
    """tpImunidade: the clauses of the Constituição, art. 150, VI."""

    ENTES = "1", "1 - Patrimônio, renda ou serviços, uns dos outros (a)"
    TEMPLOS = "2", "2 - Templos de qualquer culto (b)"
    INSTITUICOES = "3", "3 - Partidos, sindicatos, educação e assistência social sem fins lucrativos (c)"
    LIVROS = "4", "4 - Livros, jornais, periódicos e o papel deles (d)"
    FONOGRAMAS = "5", "5 - Fonogramas e videofonogramas musicais brasileiros (e)"


class ModoPrestacao(TextChoices):
    TRANSFRONTEIRICO = "1", "1 - Transfronteiriço"
    CONSUMO_NO_BRASIL = "2", "2 - Consumo no Brasil"
    PRESENCA = "3", "3 - Presença comercial no exterior"
    PESSOAS = "4", "4 - Movimento temporário de pessoas físicas"


class Vinculo(TextChoices):
    NENHUM = "0", "0 - Sem vínculo"
    CONTROLADA = "1", "1 - Controlada"
    CONTROLADORA = "2", "2 - Controladora"
    COLIGADA = "3", "3 - Coligada"
    MATRIZ = "4", "4 - Matriz"
    FILIAL = "5", "5 - Filial ou sucursal"
    OUTRO = "6", "6 - Outro vínculo"


class MecanismoPrestador(TextChoices):
    NENHUM = "01", "01 - Nenhum"
    ACC = "02", "02 - ACC, redução a zero do IR e do IOF"
    ACE = "03", "03 - ACE, redução a zero do IR e do IOF"
    EXIM_POS = "04", "04 - BNDES-Exim pós-embarque"
    EXIM_PRE = "05", "05 - BNDES-Exim pré-embarque"
    FGE = "06", "06 - Fundo de Garantia à Exportação"
    PROEX_EQUALIZACAO = "07", "07 - PROEX, equalização"
    PROEX_FINANCIAMENTO = "08", "08 - PROEX, financiamento"


class MecanismoTomador(TextChoices):
    NENHUM = "01", "01 - Nenhum"
    REPRESENTACAO = "02", "02 - Administração pública e representação internacional"
    MAQUINAS = "03", "03 - Aluguéis e arrendamento de máquinas, embarcações e aeronaves"
    AERONAVE = "04", "04 - Arrendamento de aeronave para transporte público"
    COMISSAO = "05", "05 - Comissão a agentes externos na exportação"
    ARMAZENAGEM = "06", "06 - Armazenagem, movimentação e transporte de carga no exterior"
    FIFA_SUBSIDIARIA = "07", "07 - Eventos FIFA (subsidiária)"
    FIFA = "08", "08 - Eventos FIFA"
    FRETES = "09", "09 - Fretes, arrendamentos de embarcações ou aeronaves e outros"
    AERONAUTICO = "10", "10 - Material aeronáutico"
    PROMOCAO_BENS = "11", "11 - Promoção de bens no exterior"
    PROMOCAO_TURISMO = "12", "12 - Promoção de destinos turísticos brasileiros"
    PROMOCAO_BRASIL = "13", "13 - Promoção do Brasil no exterior"
    PROMOCAO_SERVICOS = "14", "14 - Promoção de serviços no exterior"
    RECINE = "15", "15 - RECINE"
    RECOPA = "16", "16 - RECOPA"
    MARCAS = "17", "17 - Registro e manutenção de marcas, patentes e cultivares"
    REICOMP = "18", "18 - REICOMP"
    REIDI = "19", "19 - REIDI"
    REPENEC = "20", "20 - REPENEC"
    REPES = "21", "21 - REPES"
    RETAERO = "22", "22 - RETAERO"
    RETID = "23", "23 - RETID"
    ROYALTIES = "24", "24 - Royalties, assistência técnica, científica e assemelhados"
    CONFORMIDADE = "25", "25 - Avaliação da conformidade (acordos da OMC)"
    ZPE = "26", "26 - ZPE"


class BensTemporarios(TextChoices):
    NAO = "1", "1 - Não"
    IMPORTACAO = "2", "2 - Vinculada a declaração de importação"
    EXPORTACAO = "3", "3 - Vinculada a declaração de exportação"


class SituacaoPisCofins(TextChoices):
    """CST of PIS and COFINS (IN RFB 1.009/2010, tables II and III, and the 00 of the layout)."""

    NENHUM = "00", "00 - Nenhum"
    BASICA = "01", "01 - Tributável, alíquota básica"
    DIFERENCIADA = "02", "02 - Tributável, alíquota diferenciada"
    POR_UNIDADE = "03", "03 - Tributável, alíquota por unidade de medida"
    MONOFASICA = "04", "04 - Monofásica, revenda a alíquota zero"
    SUBSTITUICAO = "05", "05 - Substituição tributária"
    ZERO = "06", "06 - Tributável a alíquota zero"
    ISENTA = "07", "07 - Isenta"
    SEM_INCIDENCIA = "08", "08 - Sem incidência"
    SUSPENSAO = "09", "09 - Com suspensão"
    OUTRAS_SAIDAS = "49", "49 - Outras operações de saída"
    OUTRAS = "99", "99 - Outras operações"


class EnteGovernamental(TextChoices):
    """tpEnteGov: of a public purchase; its autarquias and fundações too."""

    UNIAO = "1", "1 - União"
    ESTADO = "2", "2 - Estado"
    DISTRITO_FEDERAL = "3", "3 - Distrito Federal"
    MUNICIPIO = "4", "4 - Município"


class TipoOperacao(TextChoices):
    """tpOper: of public purchases and of services on real estate."""

    PAGAMENTO_DEPOIS = "1", "1 - Fornecimento com pagamento posterior"
    PAGAMENTO_DO_FEITO = "2", "2 - Pagamento de fornecimento já realizado"
    JA_PAGO = "3", "3 - Fornecimento com pagamento já realizado"
    PAGAMENTO_ANTES = "4", "4 - Pagamento de fornecimento posterior"
    JUNTOS = "5", "5 - Fornecimento e pagamento juntos"


MOEDAS = {
    "220": ("USD", "dólar dos Estados Unidos"),
    "978": ("EUR", "euro"),
    "540": ("GBP", "libra esterlina"),
    "425": ("CHF", "franco suíço"),
    "165": ("CAD", "dólar canadense"),
    "150": ("AUD", "dólar australiano"),
    "470": ("JPY", "iene"),
    "795": ("CNY", "iuan"),
    "706": ("ARS", "peso argentino"),
    "715": ("CLP", "peso chileno"),
    "720": ("COP", "peso colombiano"),
    "741": ("MXN", "peso mexicano"),
    "745": ("UYU", "peso uruguaio"),
    "450": ("PYG", "guarani"),
    "055": ("DKK", "coroa dinamarquesa"),
    "065": ("NOK", "coroa norueguesa"),
    "070": ("SEK", "coroa sueca"),
    "790": ("BRL", "real"),
}


@dataclass(frozen=True)
class Detalhes(Guardado):
    """Of one note; empty and None where nothing was said. Countries are two letters (ISO 3166-1), amounts in reais
    unless told, rates in percent. `pis_cofins_*` and the two rates are the emitente's own debit: what is withheld is
    in the lines. `tributos_*` are the approximate taxes of this note, in the place of the canal's. From `imovel_cib` on
    it is of IBS and CBS; `referidas` are chaves."""

    imunidade: str = ""
    processo: str = ""  # that suspends the ISS: 30 digits
    pais_resultado: str = ""
    pais_prestacao: str = ""  # where it was rendered, when abroad
    comex_modo: str = ""
    comex_vinculo: str = ""
    comex_moeda: str = ""  # three digits, table of the Banco Central
    comex_valor: Decimal | None = None  # in that currency
    comex_mecanismo_prestador: str = ""
    comex_mecanismo_tomador: str = ""
    comex_bens: str = ""
    comex_importacao: str = ""
    comex_exportacao: str = ""
    comex_mdic: bool = False
    pis_cofins_situacao: str = ""
    pis_cofins_base: Decimal | None = None
    pis_aliquota: Decimal | None = None
    cofins_aliquota: Decimal | None = None
    obra_cib: str = ""
    obra_inscricao: str = ""
    obra_cep: str = ""
    obra_logradouro: str = ""
    obra_numero: str = ""
    obra_complemento: str = ""
    obra_bairro: str = ""
    evento_nome: str = ""
    evento_inicio: date | None = None
    evento_fim: date | None = None
    evento_codigo: str = ""
    evento_cep: str = ""
    evento_logradouro: str = ""
    evento_numero: str = ""
    evento_complemento: str = ""
    evento_bairro: str = ""
    tributos_federais: Decimal | None = None
    tributos_estaduais: Decimal | None = None
    tributos_municipais: Decimal | None = None
    desconto_condicionado: Decimal | None = None
    beneficio_numero: str = ""
    beneficio_valor: Decimal | None = None
    beneficio_percentual: Decimal | None = None
    imovel_cib: str = ""
    imovel_inscricao: str = ""
    imovel_cep: str = ""
    imovel_logradouro: str = ""
    imovel_numero: str = ""
    imovel_complemento: str = ""
    imovel_bairro: str = ""
    diferimento_uf: Decimal | None = None
    diferimento_municipio: Decimal | None = None
    diferimento_cbs: Decimal | None = None
    regular_situacao: str = ""
    regular_classificacao: str = ""
    credito_presumido: str = ""
    ente_governamental: str = ""
    tipo_operacao: str = ""
    referidas: tuple[str, ...] = ()
    reembolsos: tuple[PapelReembolsado, ...] = ()
    deducao_percentual: Decimal | None = None  # of the value of the service; the amount is of the item
    deducoes: tuple[PapelDeDeducao, ...] = ()


DETALHES = tuple(campo.name for campo in fields(Detalhes))
