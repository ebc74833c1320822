import{d as g,f,g as y,h as b,j as h,l as $}from"./shared-history-controller.js";import{b as u,e as d}from"./shared-lit-html-lit-html.js";var _=".seek{display:flex;gap:8px;align-items:center}.seek .track{position:relative;flex:1;height:56px}.seek .waveform{position:absolute;inset:4px 0;height:48px}.seek input[type=range]{appearance:none;position:absolute;inset:0;width:100%;height:100%;margin:0;border-radius:8px;background:transparent;cursor:pointer}.seek input[type=range]::-webkit-slider-thumb{appearance:none;width:3px;height:52px;border-radius:2px;background:var(--earshot-accent)}.seek input[type=range]::-moz-range-thumb{width:3px;height:52px;border:0;border-radius:2px;background:var(--earshot-accent)}.seek time{flex:none;min-width:7ch;color:var(--earshot-quiet);font-variant-numeric:tabular-nums;text-align:end}dl{display:grid;grid-template-columns:max-content 1fr;gap:6px 16px;margin:8px 0}dt{color:var(--earshot-quiet)}dd{min-width:0;margin:0;overflow-wrap:anywhere}.acts{display:flex;flex-wrap:wrap;gap:8px;margin-top:12px}.acts .button{padding-inline:12px}@container history (width < 360px){dl{grid-template-columns:1fr;gap:0}dd+dt{margin-top:6px}}";var M=_,k=100,w=["second_factor"];function q(n,e){let{words:t,capture:o,room:r}=n;return u`
    ${D(n,e)}
    <dl>
      ${T(n).map(([a,i])=>u`<dt>${a}</dt><dd>${i}</dd>`)}
    </dl>
    <div class="acts" role="group" aria-label=${y(t,o)}>
      ${x(r,"label")?u`
            ${m(t.text("capture.not_for_you"),"mdi:account-voice-off",()=>e.label(o,"not_for_you"),o.label==="not_for_you")}
            ${m(t.text("capture.wrong_text"),"mdi:comment-edit-outline",()=>e.label(o,"wrong_text"),o.label==="wrong_text")}
          `:d}
      ${o.pin?x(r,"unpin")&&m(t.text("capture.unpin"),"mdi:pin-off",()=>e.unpin(o)):x(r,"pin")&&m(t.text("capture.pin"),"mdi:pin",()=>e.pin(o))}
      ${x(r,"export")?m(t.text("capture.export"),"mdi:download",()=>e.export({ids:[o.id]})):d}
      ${x(r,"delete")?m(t.text("capture.delete"),"mdi:delete-outline",()=>e.remove({ids:[o.id]})):d}
    </div>
  `}function m(n,e,t,o){return u`<button
    class="button outlined ${o?"filled":""}"
    aria-pressed=${o??d}
    @click=${t}
  >
    <ha-icon .icon=${e}></ha-icon>${n}
  </button>`}function D({words:n,capture:e,room:t,player:o},r){if(e.audio_bytes===null||!x(t,"play"))return d;let a=o.id===e.id,i=a?o.length:0,l=a?o.position:0,c=i?l/i:0,p=n.text("capture.position_text",{at:n.clock(l),length:n.clock(i)});return u`
    <div class="seek">
      <span class="track">
        ${$(e.peaks??new Uint8Array(k),k,c)}
        <input
          type="range"
          min="0"
          max="1000"
          step="1"
          .value=${String(Math.round(c*1e3))}
          aria-label=${n.text("capture.position")}
          aria-valuetext=${p}
          @input=${s=>r.seek(e.id,Number(s.target.value)/1e3)}
          @keydown=${s=>s.stopPropagation()}
        />
      </span>
      <time>${i?`${n.clock(l)} / ${n.clock(i)}`:""}</time>
    </div>
  `}function T(n){let{words:e,capture:t,now:o}=n,{record:r}=t,a=[],i=(p,s)=>{s&&a.push([p,s])};if(i(e.text("history.time"),`${e.dayTime(t.started,o)} · ${f(e,t.outcome)}`),i(e.text("capture.done"),b(t)),t.label==="wrong_text"&&i(e.text("label.right"),t.right_text),r?.wakeWord){let p=r.wakeWord.replaceAll("_"," ");i(e.text("capture.wake_word"),r.score===null?p:e.text("capture.wake_score",{word:p,score:e.number(r.score,2)}))}let l=(p,s)=>{let v=s?` · ${e.one("rule",s,"rule.unknown")}`:"";return h(e,p,o)+v};i(e.text("capture.audio"),t.audio_bytes===null?e.text("capture.no_audio"):`${l(t.audio_expires,r?.audioRule)} · ${e.bytes(t.audio_bytes)}`),r&&i(e.text("capture.words"),l(t.words_expires,r.wordsRule)),i(e.text("capture.pinned"),A(n)),i(e.text("capture.listened"),L(n));let c=g(n.room,"play");return c&&t.audio_bytes!==null&&!w.includes(c)&&i(e.text("capture.playing"),e.error({code:c,values:{}})),a}function A({words:n,capture:e,now:t}){if(!e.pin)return null;let{reason:o,by_name:r,until:a}=e.pin,i=r??n.text("capture.someone"),l=n.dayTime(a,t);return o?n.text("capture.pinned_by",{reason:o,name:i,day:l}):n.text("capture.pin_reason_hidden",{name:i,day:l})}function L(n){let{words:e,capture:t,now:o}=n;if(g(n.room,"audit")!==null)return null;if(!n.listened)return"…";let r=n.listened.captures[t.id]??[];return r.length===0?e.text(n.listened.complete?"capture.nobody_listened":"capture.listened_partly"):u`${V(r).map(({line:a,times:i})=>u`<div>
        ${e.one("capture.verb",a.verb,"capture.verb.played",{name:a.user??e.text("capture.someone"),time:e.dayTime(a.when,o)})}
        ${i>1?`(${e.number(i)}×)`:d}
      </div>`)}`}function V(n){let e=new Map;for(let t of n){let o=`${t.verb} ${t.user_id}`,r=e.get(o);r?r.times+=1:e.set(o,{line:t,times:1})}return[...e.values()]}function x(n,e){let t=g(n,e);return t===null||w.includes(t)}export{q as detail,M as styles};
