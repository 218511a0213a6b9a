// Masks of fields, data-mascara.
// Each takes what was typed or pasted and returns the shown form, or null when it cannot tell: the server says why.
const soLetrasENumeros = (t) => t.replace(/[.\-/\s]/g, "").toUpperCase();
const digitos = (t) => t.replace(/\D/g, "");
const doisDigitos = (n) => String(n).padStart(2, "0");

export const MASCARAS = {
  cnpj(t) {
    const c = soLetrasENumeros(t);
    return /^[0-9A-Z]{12}\d{2}$/.test(c) ? c.replace(/^(..)(...)(...)(....)(..)$/, "$1.$2.$3/$4-$5") : null;
  },
  cpf(t) {
    const c = soLetrasENumeros(t);
    return /^\d{11}$/.test(c) ? c.replace(/^(...)(...)(...)(..)$/, "$1.$2.$3-$4") : null;
  },
  documento(t) {
    return MASCARAS.cpf(t) ?? MASCARAS.cnpj(t);
  },
  cep(t) {
    const c = t.replace(/[.\-\s]/g, "");
    return /^\d{8}$/.test(c) ? c.replace(/^(.{5})/, "$1-") : null;
  },
  telefone(t) {
    const c = t.replace(/[()\-.\s]/g, "").replace(/^\+?55(?=\d{10,11}$)/, "");
    return /^\d{10,11}$/.test(c) ? c.replace(/^(..)(\d+)(\d{4})$/, "($1) $2-$3") : null;
  },
  competencia(t) {
    const iso = /^\s*(\d{4})-(\d{1,2})\s*$/.exec(t);
    const partes = iso ? [iso[2], iso[1]] : /^\s*(\d{1,2})\s*[/.\-\s]\s*(\d{4}|\d{2})\s*$/.exec(t)?.slice(1);
    const d = digitos(t);
    const [mes, ano] = partes ?? (/^\s*(\d{4}|\d{6})\s*$/.test(t) ? [d.slice(0, 2), d.slice(2)] : []);
    if (!mes || Number(mes) < 1 || Number(mes) > 12) return null;
    return `${doisDigitos(Number(mes))}/${ano.length === 2 ? `20${ano}` : ano}`;
  },
  data(t) {
    const iso = /^\s*(\d{4})-(\d{2})-(\d{2})\s*$/.exec(t);
    const partes = iso
      ? [iso[3], iso[2], iso[1]]
      : (/^\s*(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})\s*$/.exec(t) ?? /^\s*(\d{2})(\d{2})(\d{4}|\d{2})\s*$/.exec(t))?.slice(1);
    if (!partes) return null;
    const [dia, mes, ano] = partes.map(Number);
    const cheio = ano < 100 ? 2000 + ano : ano;
    const data = new Date(cheio, mes - 1, dia);
    if (data.getMonth() !== mes - 1 || data.getDate() !== dia) return null;
    return `${doisDigitos(dia)}/${doisDigitos(mes)}/${cheio}`;
  },
  dinheiro(t) {
    const c = t.replace(/R\$|\s/g, "");
    const brasil = /^-?(\d{1,3}(\.\d{3})+|\d+)(,\d{1,2})?$/.test(c);
    const ponto = /^-?\d+\.\d{1,2}$/.test(c);
    if (!brasil && !ponto) return null;
    const [inteiros, centavos = ""] = brasil ? c.replaceAll(".", "").split(",") : c.split(".");
    return `${milhares(inteiros)},${centavos.padEnd(2, "0")}`;
  },
  quantidade(t) {
    const c = t.replace(/\s/g, "");
    if (/^[1-9]\d{0,2}\.\d{3}$/.test(c)) return null; // 1.000: a thousand, or one
    const brasil = /^([1-9]\d{0,2}(\.\d{3})+|\d+)(,\d{1,4})?$/.test(c);
    if (!brasil && !/^\d+\.\d{1,4}$/.test(c)) return null;
    const [inteiros, casas = ""] = brasil ? c.replaceAll(".", "").split(",") : c.split(".");
    const limpas = casas.replace(/0+$/, "");
    return inteiros.replace(/^0+(?=\d)/, "") + (limpas && `,${limpas}`); // no dots: 1.000 would not be read back
  },
  inteiro(t) {
    const c = t.replace(/\s/g, "");
    return /^-?(\d{1,3}(\.\d{3})+|\d+)$/.test(c) ? milhares(c.replaceAll(".", "")) : null;
  },
};

function milhares(t) {
  const sinal = t.startsWith("-") ? "-" : "";
  const limpo = t.replace("-", "").replace(/^0+(?=\d)/, "");
  return sinal + limpo.replace(/\B(?=(\d{3})+$)/g, ".");
}

export function mascarar(campo) {
  const mascara = MASCARAS[campo.dataset?.mascara];
  if (mascara && campo.value.trim()) campo.value = mascara(campo.value) ?? campo.value.trim();
}

document.addEventListener("change", (e) => mascarar(e.target), true); // before anyone reads the value
