// The explorer: what is chosen picks numbers that were computed with the page, and nothing is computed here.
(() => {
  "use strict";
  const QUIET = 500;  // milliseconds without a step before the result is announced
  const data = JSON.parse(document.getElementById("explorer-data").textContent);
  const at = name => document.getElementById(`explore-${name}`);
  const write = (name, text) => { at(name).textContent = text; };
  const [baseControl, temperatureControl, sizeControl] = ["base", "temperature", "size"].map(at);
  const kinds = ["base", "target", "batch"];
  const place = new Intl.NumberFormat("en");
  let rows = [], resting;

  const probability = p => p > 0 && p < 0.0005 ? "<.001" : p.toFixed(3);
  const nearest = (values, wanted) => values.reduce(
    (best, value, i) => Math.abs(Math.log(value / wanted)) < Math.abs(Math.log(values[best] / wanted)) ? i : best, 0);
  const chosenBase = () => data.bases[baseControl.value];
  const chosenTemperature = () => chosenBase().temperatures[temperatureControl.value];

  function row(label) {
    const line = document.createElement("tr");
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("aria-hidden", "true");
    const bars = kinds.map((kind, i) => {
      const bar = document.createElementNS(svg.namespaceURI, "rect");
      bar.setAttribute("class", kind);
      bar.setAttribute("y", 1 + 7 * i);
      bar.setAttribute("height", 6);
      svg.append(bar);
      return bar;
    });
    const name = document.createElement("th");
    name.scope = "row";
    name.textContent = name.title = label;
    line.append(name);
    const place = line.insertCell();
    place.className = "bars";
    place.append(svg);
    const numbers = kinds.map(() => {
      const cell = line.insertCell();
      cell.className = "r";
      return cell;
    });
    return {line, bars, numbers};
  }

  // Once the controls rest: a reader who hears the page is not talked over at every step.
  function announce() {
    clearTimeout(resting);
    resting = setTimeout(() => {
      document.getElementById("announcement").textContent = at("said").textContent;
    }, QUIET);
  }

  function show() {
    const base = chosenBase(), step = chosenTemperature(), batch = step.batches[sizeControl.value];
    const size = `N = ${place.format(batch.size)}`;
    write("categories", `${base.categories} categories`);
    write("temperature-name", step.name);
    write("size-name", `${size} draws`);
    temperatureControl.setAttribute("aria-valuetext", step.name);
    sizeControl.setAttribute("aria-valuetext", `${size} draws`);
    [base.probs, step.law, batch.law].forEach((law, kind) => law.forEach((p, i) => {
      rows[i].bars[kind].setAttribute("width", `${100 * p}%`);
      rows[i].numbers[kind].textContent = probability(p);
    }));
    for (const name of ["rejection", "trials", "published", "early", "duel", "floor", "rule"]) write(name, step[name]);
    write("duel-note", step.duel_note);
    write("draws", size);
    write("tv", batch.tv);
    write("warm", batch.warm);
    write("said", `${base.name} at ${step.name}: an exact output takes ${step.published} as published, duel: ${step.duel}. ` +
      `A batch of ${size} is ${batch.tv} off and acts like ${batch.warm}.`);
    at("commands").replaceChildren(...[`${step.law_command} --batch-size ${batch.size}`, ...step.commands].map(text => {
      const command = document.createElement("code");
      command.className = "command";
      command.textContent = text;
      return command;
    }));
  }

  function choose(temperature, size) {
    const base = chosenBase();
    const temperatures = base.temperatures.map(step => step.value), sizes = base.temperatures[0].batches.map(batch => batch.size);
    temperatureControl.max = temperatures.length - 1;
    sizeControl.max = sizes.length - 1;
    temperatureControl.value = nearest(temperatures, temperature);
    sizeControl.value = nearest(sizes, size);
    rows = base.labels.map(row);
    at("law").replaceChildren(...rows.map(made => made.line));
    show();
  }

  baseControl.append(...data.bases.map((base, i) => new Option(base.name, i)));
  baseControl.value = data.first.base;
  let wanted = [data.first.temperature, data.first.batch_size];
  choose(...wanted);
  baseControl.addEventListener("input", () => {
    choose(...wanted);
    announce();
  });
  for (const control of [temperatureControl, sizeControl]) control.addEventListener("input", () => {
    const step = chosenTemperature();
    wanted = [step.value, step.batches[sizeControl.value].size];
    show();
    announce();
  });
  document.getElementById("explorer").hidden = false;
})();
