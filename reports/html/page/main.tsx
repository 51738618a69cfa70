import './style.css';
import { render } from 'preact';
import type { PageComparison } from '../page-comparison.js';
import type { PageData } from '../page-data.js';
import { App } from './app.js';
import { LinksContext } from './links.js';
import { ComparisonPage } from './comparison.js';

const source = document.getElementById('data');
const target = document.getElementById('page');
if (source !== null && target !== null) {
  const data = JSON.parse(source.textContent ?? '') as PageData | PageComparison;
  target.textContent = '';
  render('comparison' in data ? <LinksContext.Provider value={data.links}><ComparisonPage comparison={data.comparison} /></LinksContext.Provider> : <App data={data} />, target);
}
